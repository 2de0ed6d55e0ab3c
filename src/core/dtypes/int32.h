// int32: codes of biases; accumulators.
#pragma once

#include <cstdint>

#include "core/dtypes/integer.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kInt32 = integer_traits<std::int32_t>(DType::kInt32, "int32");

}  // namespace octavo::dtypes
