// float64: IEEE 754 binary64.
#pragma once

#include "core/dtypes/native_float.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kFloat64 = native_float_traits<double>(DType::kFloat64, "float64");

}  // namespace octavo::dtypes
