// bfloat16: the upper half of a float32, 8 exponent and 7 mantissa bits.
#pragma once

#include <cstdint>

#include "core/dtypes/small_float.h"

namespace octavo::dtypes {

inline constexpr SmallFloatFormat kBfloat16Format = {.mantissa_bits = 7,
                                                     .exponent_bias = 127,
                                                     .highest_code = 0x7F7F,
                                                     .nan_code = 0x7FC0,
                                                     .infinity = Infinity::kKept};
inline constexpr DTypeTraits kBfloat16 =
    small_float_traits<std::uint16_t, kBfloat16Format>(DType::kBfloat16, "bfloat16", 0x1.FEp+127);

}  // namespace octavo::dtypes
