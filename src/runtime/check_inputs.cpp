#include "runtime/check_inputs.h"

#include <fmt/format.h>

#include "octavo/error.h"

namespace octavo {
namespace {

bool shape_fits(const Shape& shape, const Shape& declared) {
  if (shape.size() != declared.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (declared[i] >= 0 && declared[i] != shape[i]) return false;
  }
  return true;
}

void check_input(const Tensor& tensor, const TensorInfo& expected) {
  if (tensor.dtype() != expected.dtype) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("input '{}' is {}, expected {}", expected.name,
                            traits(tensor.dtype()).name, traits(expected.dtype).name));
  }
  if (!shape_fits(tensor.shape(), expected.shape)) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("input '{}' has shape {}, expected {}", expected.name,
                            to_string(tensor.shape()), to_string(expected.shape)));
  }
}

}  // namespace

void check_inputs(std::span<const Tensor> inputs, std::span<const TensorInfo> declared) {
  if (inputs.size() != declared.size()) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{} inputs, but the model takes {}", inputs.size(), declared.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) check_input(inputs[i], declared[i]);
}

}  // namespace octavo
