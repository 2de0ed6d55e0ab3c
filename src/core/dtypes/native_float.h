// Traits of the floating-point types that C++ has itself.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "core/dtypes/packing.h"
#include "octavo/dtype.h"

namespace octavo::dtypes {

template <typename T>
struct NativeFloatCodec {
  static constexpr double kHighest = std::numeric_limits<T>::max();

  static double decode(const std::byte* data, std::size_t index) { return load<T>(data, index); }

  // A finite value stays finite; infinity and NaN stay what they are.
  static void encode(std::byte* data, std::size_t index, double value) {
    if (std::isfinite(value)) value = std::clamp(value, -kHighest, kHighest);
    store(data, index, static_cast<T>(value));
  }
};

template <typename T>
constexpr DTypeTraits native_float_traits(DType dtype, std::string_view name) {
  using Codec = NativeFloatCodec<T>;
  return {.dtype = dtype,
          .name = name,
          .kind = DTypeKind::kFloat,
          .bits = 8 * static_cast<int>(sizeof(T)),
          .lowest = -Codec::kHighest,
          .highest = Codec::kHighest,
          .decode = Codec::decode,
          .encode = Codec::encode};
}

}  // namespace octavo::dtypes
