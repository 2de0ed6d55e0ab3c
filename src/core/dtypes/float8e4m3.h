// float8e4m3: 4 exponent and 3 mantissa bits, no infinity, one NaN a sign (ONNX
// FLOAT8E4M3FN). Saturates as ONNX's Cast does by default.
#pragma once

#include <cstdint>

#include "core/dtypes/small_float.h"

namespace octavo::dtypes {

inline constexpr SmallFloatFormat kFloat8E4m3Format = {.mantissa_bits = 3,
                                                       .exponent_bias = 7,
                                                       .highest_code = 0x7E,
                                                       .nan_code = 0x7F,
                                                       .infinity = Infinity::kAbsent};
inline constexpr DTypeTraits kFloat8E4m3 =
    small_float_traits<std::uint8_t, kFloat8E4m3Format>(DType::kFloat8E4m3, "float8e4m3", 448.0);

}  // namespace octavo::dtypes
