#include "train/constants.h"

#include <fmt/format.h>

#include <cstring>

#include "octavo/error.h"

namespace octavo {
namespace {

at::Tensor copied(const Tensor& tensor, at::ScalarType type) {
  at::Tensor result = at::empty(tensor.shape(), type);
  std::memcpy(result.data_ptr(), tensor.bytes().data(), tensor.bytes().size());
  return result;
}

}  // namespace

at::Tensor to_torch(const Tensor& tensor) {
  const DTypeTraits& type = traits(tensor.dtype());
  switch (tensor.dtype()) {
    case DType::kFloat64:
      return copied(tensor, at::kDouble);
    case DType::kInt32:
      return copied(tensor, at::kInt);
    case DType::kInt64:
      return copied(tensor, at::kLong);
    case DType::kBool:
      return copied(tensor, at::kBool);
    default:
      break;
  }
  if (type.bits > 32 || (type.is_integer() && type.bits > 16)) {
    throw Error(ErrorCode::kUnsupported, fmt::format("libtorch has no tensors of {}", type.name));
  }
  return copied(tensor.to_float32(), at::kFloat);
}

Tensor from_torch(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto sizes = values.sizes();
  return Tensor::of<float>(
      {sizes.begin(), sizes.end()},
      std::span(values.const_data_ptr<float>(), static_cast<std::size_t>(values.numel())));
}

}  // namespace octavo
