// NumPy's .npy format: one array with a small header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "octavo/tensor.h"

namespace octavo {

// What the header says.
struct NpyHeader {
  DType dtype = DType::kFloat32;
  Shape shape;
  std::size_t header_bytes = 0;

  std::size_t data_bytes() const { return traits(dtype).bytes(element_count(shape)); }
};

// Fills the span with the stream's next bytes, or throws.
using ReadBytes = std::function<void(std::span<std::byte>)>;

// Format versions 1 to 3, little endian, C order. Throws Error(kInvalidData), beginning with
// `context`, for anything else.
NpyHeader read_npy_header(const ReadBytes& read, std::string_view context);

// The elements that follow the header.
Tensor read_npy_elements(const ReadBytes& read, const NpyHeader& header);

// Only these rows, which must ascend: [rows, ...]. What lies between them is read and dropped.
Tensor read_npy_rows(const ReadBytes& read, const NpyHeader& header,
                     std::span<const std::size_t> rows);

// Header and elements, version 1. Throws Error(kUnsupported) for a type that NumPy lacks.
std::vector<std::byte> to_npy(const Tensor& tensor);

}  // namespace octavo
