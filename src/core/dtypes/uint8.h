// uint8: codes of activations.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kUint8 = integer_traits<std::uint8_t>(DType::kUint8, "uint8");

}  // namespace octavo::dtypes
