// int16: codes of activations where 8 bits are too few.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kInt16 = integer_traits<std::int16_t>(DType::kInt16, "int16");

}  // namespace octavo::dtypes
