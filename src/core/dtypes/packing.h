// Reading and writing one element of a little-endian, possibly unaligned buffer.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>

namespace octavo::dtypes {

static_assert(std::endian::native == std::endian::little, "tensor bytes are ONNX raw_data");

template <typename T>
T load(const std::byte* data, std::size_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
void store(std::byte* data, std::size_t index, T value) {
  std::memcpy(data + index * sizeof(T), &value, sizeof(T));
}

}  // namespace octavo::dtypes
