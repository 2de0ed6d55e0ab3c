// NumPy's .npy format: one array with a small header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/tensor.h"

namespace octavo {

// What the header says, and where the elements begin.
struct NpyHeader {
  DType dtype = DType::kFloat32;
  Shape shape;
  std::size_t data_offset = 0;
};

// Format versions 1 to 3, little endian, C order. Throws Error(kInvalidData), beginning with
// `context`, for anything else.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::string_view context);

Tensor parse_npy(std::span<const std::byte> bytes, std::string_view context);

// Header and elements, version 1.
std::vector<std::byte> to_npy(const Tensor& tensor);

}  // namespace octavo
