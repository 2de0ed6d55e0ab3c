#include "octavo/tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "octavo/error.h"

namespace octavo {

std::size_t element_count(const Shape& shape) {
  // As many 64-bit elements as have a countable number of bits.
  constexpr std::size_t kMaximumCount = std::numeric_limits<std::size_t>::max() / 64 - 1;
  std::size_t count = 1;
  bool overflows = false;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("shape {} has the dimension {}; expected 0 or more", to_string(shape),
                              dimension));
    }
    overflows |= __builtin_mul_overflow(count, static_cast<std::size_t>(dimension), &count) ||
                 count > kMaximumCount;
  }
  // A zero further on makes the product 0, whatever came before it.
  if (overflows && std::ranges::find(shape, 0) == shape.end()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("shape {} has more elements than memory can address", to_string(shape)));
  }
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += dimension < 0 ? "?" : std::to_string(dimension);
  }
  return text + "]";
}

Tensor::Tensor(DType dtype, Shape shape)
    : dtype_(dtype),
      shape_(std::move(shape)),
      size_(element_count(shape_)),
      bytes_(traits(dtype).bytes(size_)) {}

Tensor::Tensor(DType dtype, Shape shape, std::vector<std::byte> bytes)
    : dtype_(dtype),
      shape_(std::move(shape)),
      size_(element_count(shape_)),
      bytes_(std::move(bytes)) {
  const std::size_t expected = traits(dtype).bytes(size_);
  if (bytes_.size() == expected) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{} bytes given for a tensor of {} {}; expected {}", bytes_.size(),
                          traits(dtype).name, to_string(shape_), expected));
}

Tensor Tensor::to_float32() const {
  if (dtype_ == DType::kFloat32) return *this;
  Tensor result(DType::kFloat32, shape_);
  const auto decode = traits(dtype_).decode;
  std::size_t index = 0;
  for (float& value : result.mutable_as<float>()) {
    value = static_cast<float>(decode(bytes_.data(), index++));
  }
  return result;
}

Tensor Tensor::reshaped(Shape shape) const {
  if (element_count(shape) != size_) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("a tensor of shape {} ({} elements) cannot take the shape {}",
                            to_string(shape_), size_, to_string(shape)));
  }
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

void Tensor::require_dtype(DType expected) const {
  if (dtype_ == expected) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("a tensor of {} {} was read as {}", traits(dtype_).name,
                          to_string(shape_), traits(expected).name));
}

Tensor Tensor::copy_of(DType dtype, Shape shape, std::span<const std::byte> bytes) {
  return {dtype, std::move(shape), std::vector<std::byte>(bytes.begin(), bytes.end())};
}

}  // namespace octavo
