// float32: IEEE 754 binary32.
#pragma once

#include "core/dtypes/native_float.h"

namespace octavo::dtypes {

inline constexpr DTypeTraits kFloat32 = native_float_traits<float>(DType::kFloat32, "float32");

}  // namespace octavo::dtypes
