// uint16: codes of activations where 8 bits are too few.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kUint16 = integer_traits<std::uint16_t>(DType::kUint16, "uint16");

}  // namespace octavo::dtypes
