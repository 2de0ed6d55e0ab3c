// float16: IEEE 754 binary16, 5 exponent and 10 mantissa bits.
#pragma once

#include <cstdint>

#include "core/dtypes/small_float.h"

namespace octavo::dtypes {

inline constexpr SmallFloatFormat kFloat16Format = {.mantissa_bits = 10,
                                                    .exponent_bias = 15,
                                                    .highest_code = 0x7BFF,
                                                    .nan_code = 0x7E00,
                                                    .infinity = Infinity::kKept};
inline constexpr DTypeTraits kFloat16 =
    small_float_traits<std::uint16_t, kFloat16Format>(DType::kFloat16, "float16", 65504.0);

}  // namespace octavo::dtypes
