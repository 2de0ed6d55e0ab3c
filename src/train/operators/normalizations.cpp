// Normalizations as they run after training: BatchNormalization's statistics are frozen.
#include <tuple>

#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

// [C] as [1, C, 1, ...].
at::Tensor by_channel(const at::Tensor& values, std::int64_t rank) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
  shape[1] = -1;
  return values.reshape(shape);
}

Forward batch_normalization(const OperatorNode& node) {
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  if (int_attribute(node.proto, "training_mode", 0) != 0) refuse(node, "training_mode");
  return [epsilon](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const at::Tensor scale = inputs[1] / at::sqrt(inputs[4] + epsilon);
    const at::Tensor offset = inputs[2] - inputs[3] * scale;
    return {x * by_channel(scale, x.dim()) + by_channel(offset, x.dim())};
  };
}

Forward layer_normalization(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", -1);
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  for (int i = 1; i < node.proto.output_size(); ++i) {
    if (!node.proto.output(i).empty()) refuse(node, "the mean as an output");
  }
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const auto shape = x.sizes().slice(static_cast<std::size_t>(axis_of(axis, x.dim())));
    const at::Tensor offset = input_at(inputs, 2);
    return {at::layer_norm(x, shape, inputs[1].expand(shape),
                           offset.defined() ? offset.expand(shape) : offset, epsilon)};
  };
}

Forward instance_normalization(const OperatorNode& node) {
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  return [epsilon](const Values& inputs) -> Values {
    return {at::instance_norm(inputs[0], inputs[1], inputs[2], {}, {}, true, 0, epsilon, false)};
  };
}

// Scale and bias are one a group up to opset 20, one a channel after.
Forward group_normalization(const OperatorNode& node) {
  if (node.opset < 21) refuse(node, "GroupNormalization before opset 21");
  const std::int64_t groups = int_attribute(node.proto, "num_groups", 1);
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  return [=](const Values& inputs) -> Values {
    return {at::group_norm(inputs[0], groups, inputs[1], inputs[2], epsilon, false)};
  };
}

}  // namespace

std::vector<MappedOperator> normalizations_operators() {
  return {{"BatchNormalization", batch_normalization},
          {"GroupNormalization", group_normalization},
          {"InstanceNormalization", instance_normalization},
          {"LayerNormalization", layer_normalization}};
}

}  // namespace octavo
