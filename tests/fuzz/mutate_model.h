// Changes a serialized ONNX model by one or two edits of its protobuf, so that most results still
// parse: flipping bytes alone seldom gets past the first length.
#pragma once

#include <cstddef>
#include <span>

namespace octavo::fuzz {

// In place; `data` has its whole capacity, of which `size` bytes are filled. Returns the new size:
// the old one where the bytes are no model or the result does not fit.
std::size_t mutate_model(std::span<std::byte> data, std::size_t size, unsigned seed);

}  // namespace octavo::fuzz
