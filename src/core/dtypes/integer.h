// Traits of the integer types that C++ has itself.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <type_traits>

#include "core/dtypes/packing.h"
#include "octavo/dtype.h"

namespace octavo::dtypes {

template <typename T>
struct IntegerCodec {
  using Limits = std::numeric_limits<T>;
  // One past the largest value: a power of two, so exact in double even for 64 bits.
  static constexpr double kEnd = 2.0 * static_cast<double>(T{1} << (Limits::digits - 1));
  static constexpr double kLowest = static_cast<double>(Limits::min());

  static double decode(const std::byte* data, std::size_t index) {
    return static_cast<double>(load<T>(data, index));
  }

  static T from_double(double value) {
    if (std::isnan(value)) return 0;
    const double rounded = std::nearbyint(value);
    if (rounded <= kLowest) return Limits::min();
    if (rounded >= kEnd) return Limits::max();
    return static_cast<T>(rounded);
  }

  static void encode(std::byte* data, std::size_t index, double value) {
    store(data, index, from_double(value));
  }
};

template <typename T>
constexpr DTypeTraits integer_traits(DType dtype, std::string_view name) {
  using Codec = IntegerCodec<T>;
  return {.dtype = dtype,
          .name = name,
          .kind = std::is_signed_v<T> ? DTypeKind::kSignedInteger : DTypeKind::kUnsignedInteger,
          .bits = 8 * static_cast<int>(sizeof(T)),
          .lowest = Codec::kLowest,
          .highest = static_cast<double>(std::numeric_limits<T>::max()),
          .decode = Codec::decode,
          .encode = Codec::encode,
          .quantize_opset = sizeof(T) == 1   ? 10
                            : sizeof(T) == 2 ? 21
                                             : 0};
}

}  // namespace octavo::dtypes
