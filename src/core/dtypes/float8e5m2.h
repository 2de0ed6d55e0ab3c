// float8e5m2: 5 exponent and 2 mantissa bits (ONNX FLOAT8E5M2). Saturates as ONNX's Cast does by
// default: infinity becomes the largest finite value.
#pragma once

#include <cstdint>

#include "core/dtypes/small_float.h"

namespace octavo::dtypes {

inline constexpr SmallFloatFormat kFloat8E5m2Format = {.mantissa_bits = 2,
                                                       .exponent_bias = 15,
                                                       .highest_code = 0x7B,
                                                       .nan_code = 0x7F,
                                                       .infinity = Infinity::kSaturated};
inline constexpr DTypeTraits kFloat8E5m2 =
    small_float_traits<std::uint8_t, kFloat8E5m2Format>(DType::kFloat8E5m2, "float8e5m2", 57344.0);

}  // namespace octavo::dtypes
