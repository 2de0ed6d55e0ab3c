// Traits of the floating-point types narrower than float32. Such a type is described by its format:
//
//   sign | exponent (biased) | mantissa          value = (-1)^sign * 2^(e - bias) * 1.mantissa
//                                                e = 0:  (-1)^sign * 2^(1 - bias) * 0.mantissa
//
// Above the largest finite code come, if the format has one, the infinity, and then the NaNs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "core/dtypes/packing.h"
#include "octavo/dtype.h"

namespace octavo::dtypes {

enum class Infinity : std::uint8_t {
  kKept,       // the format has one and a conversion keeps it (IEEE 754)
  kSaturated,  // the format has one, but a conversion gives the largest finite value
  kAbsent,     // the format has none: a conversion gives the largest finite value
};

struct SmallFloatFormat {
  int mantissa_bits = 0;
  int exponent_bias = 0;
  unsigned highest_code = 0;  // of the largest finite value, without the sign
  unsigned nan_code = 0;      // what NaN encodes as, without the sign
  Infinity infinity = Infinity::kKept;
};

template <typename Bits, SmallFloatFormat kFormat>
struct SmallFloatCodec {
  static constexpr unsigned kSign = 1U << (8 * sizeof(Bits) - 1);
  static constexpr int kLowestExponent = 1 - kFormat.exponent_bias;

  static double magnitude(unsigned code) {
    constexpr unsigned kImplicitOne = 1U << kFormat.mantissa_bits;
    const unsigned mantissa = code % kImplicitOne;
    const int exponent = static_cast<int>(code / kImplicitOne);
    if (exponent == 0) return std::ldexp(mantissa, kLowestExponent - kFormat.mantissa_bits);
    return std::ldexp(kImplicitOne + mantissa,
                      exponent - kFormat.exponent_bias - kFormat.mantissa_bits);
  }

  static double decode(const std::byte* data, std::size_t index) {
    const unsigned bits = load<Bits>(data, index);
    const double sign = (bits & kSign) != 0 ? -1.0 : 1.0;
    const unsigned code = bits & ~kSign;
    if (code <= kFormat.highest_code) return sign * magnitude(code);
    const bool is_infinity =
        kFormat.infinity != Infinity::kAbsent && code == kFormat.highest_code + 1;
    return sign * (is_infinity ? std::numeric_limits<double>::infinity()
                               : std::numeric_limits<double>::quiet_NaN());
  }

  static unsigned code_of_magnitude(double value) {
    if (std::isnan(value)) return kFormat.nan_code;
    if (std::isinf(value)) {
      return kFormat.highest_code + (kFormat.infinity == Infinity::kKept ? 1 : 0);
    }
    if (value == 0) return 0;
    const int exponent = std::max(std::ilogb(value), kLowestExponent);
    // In units of the last place: below 2^mantissa_bits for a subnormal, and 2^(mantissa_bits + 1)
    // where rounding carried into the next exponent. The sum below is the code in each case.
    const double ulps = std::nearbyint(std::ldexp(value, kFormat.mantissa_bits - exponent));
    const double code = ulps + std::ldexp(exponent - kLowestExponent, kFormat.mantissa_bits);
    return code > kFormat.highest_code ? kFormat.highest_code : static_cast<unsigned>(code);
  }

  static void encode(std::byte* data, std::size_t index, double value) {
    const unsigned code = code_of_magnitude(std::fabs(value));
    store(data, index, static_cast<Bits>(std::signbit(value) ? code | kSign : code));
  }
};

template <typename Bits, SmallFloatFormat kFormat>
constexpr DTypeTraits small_float_traits(DType dtype, std::string_view name, double highest) {
  using Codec = SmallFloatCodec<Bits, kFormat>;
  return {.dtype = dtype,
          .name = name,
          .kind = DTypeKind::kFloat,
          .bits = 8 * static_cast<int>(sizeof(Bits)),
          .lowest = -highest,
          .highest = highest,
          .decode = Codec::decode,
          .encode = Codec::encode,
          .quantize_opset = sizeof(Bits) == 1 ? 19 : 0};
}

}  // namespace octavo::dtypes
