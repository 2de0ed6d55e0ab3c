// Traits of the 4-bit integer types: two elements a byte, the first one in the low nibble (ONNX's
// packing of INT4 and UINT4).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "octavo/dtype.h"

namespace octavo::dtypes {

template <bool kSigned>
struct NibbleCodec {
  static constexpr int kLowest = kSigned ? -8 : 0;
  static constexpr int kHighest = kSigned ? 7 : 15;

  static int shift(std::size_t index) { return index % 2 == 0 ? 0 : 4; }

  static int load(const std::byte* data, std::size_t index) {
    const int nibble = std::to_integer<int>(data[index / 2] >> shift(index)) & 0xF;
    return nibble > kHighest ? nibble - 16 : nibble;
  }

  static void store(std::byte* data, std::size_t index, int value) {
    const auto nibble = static_cast<std::byte>(value & 0xF);
    std::byte& pair = data[index / 2];
    pair = (pair & ~(std::byte{0xF} << shift(index))) | (nibble << shift(index));
  }

  static double decode(const std::byte* data, std::size_t index) { return load(data, index); }

  static void encode(std::byte* data, std::size_t index, double value) {
    const double number = std::isnan(value) ? 0.0 : std::clamp<double>(value, kLowest, kHighest);
    store(data, index, static_cast<int>(std::nearbyint(number)));
  }
};

template <bool kSigned>
constexpr DTypeTraits nibble_traits(DType dtype, std::string_view name) {
  using Codec = NibbleCodec<kSigned>;
  return {.dtype = dtype,
          .name = name,
          .kind = kSigned ? DTypeKind::kSignedInteger : DTypeKind::kUnsignedInteger,
          .bits = 4,
          .lowest = Codec::kLowest,
          .highest = Codec::kHighest,
          .decode = Codec::decode,
          .encode = Codec::encode,
          .quantize_opset = 21};
}

}  // namespace octavo::dtypes
