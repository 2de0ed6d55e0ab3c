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
  if (int_attribute(node.proto, "spatial", 1) == 0) refuse(node, "spatial 0");
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
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const auto shape = x.sizes().slice(static_cast<std::size_t>(axis_of(axis, x.dim())));
    const at::Tensor offset = input_at(inputs, 2);
    const auto [result, mean, inverse_deviation] =
        at::native_layer_norm(x, shape, inputs[1].expand(shape),
                              offset.defined() ? offset.expand(shape) : offset, epsilon);
    return {result, mean, inverse_deviation};
  };
}

Forward instance_normalization(const OperatorNode& node) {
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  return [epsilon](const Values& inputs) -> Values {
    return {at::instance_norm(inputs[0], inputs[1], inputs[2], {}, {}, true, 0, epsilon, false)};
  };
}

// Every element over the mean square of those from `axis` on; nothing is subtracted.
Forward rms_normalization(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", -1);
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    std::vector<std::int64_t> axes;
    for (std::int64_t i = axis_of(axis, x.dim()); i < x.dim(); ++i) axes.push_back(i);
    return {x * at::rsqrt((x * x).mean(axes, true) + epsilon) * inputs[1]};
  };
}

// Over the sum of the squares of the channels around each.
Forward local_response_normalization(const OperatorNode& node) {
  const std::int64_t size = int_attribute(node.proto, "size", 1);
  const float alpha = float_attribute(node.proto, "alpha", 1e-4F);
  const float beta = float_attribute(node.proto, "beta", 0.75F);
  const float bias = float_attribute(node.proto, "bias", 1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    std::vector<std::int64_t> around(static_cast<std::size_t>(2 * (x.dim() - 1)), 0);
    around[around.size() - 2] = (size - 1) / 2;  // before the channels, which come last here
    around[around.size() - 1] = size / 2;
    const at::Tensor squares = at::constant_pad_nd(x * x, around, 0).unfold(1, size, 1).sum(-1);
    return {x / at::pow(squares * (alpha / static_cast<float>(size)) + bias, beta)};
  };
}

// Where there is nothing but zeros, they stay.
Forward lp_normalization(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", -1);
  const std::int64_t p = int_attribute(node.proto, "p", 2);
  return [=](const Values& inputs) -> Values {
    const at::Tensor norm = at::linalg_vector_norm(inputs[0], p, axis, true);
    return {inputs[0] / at::where(norm == 0, at::ones_like(norm), norm)};
  };
}

Forward mean_variance_normalization(const OperatorNode& node) {
  std::vector<std::int64_t> axes = ints_attribute(node.proto, "axes");
  if (axes.empty()) axes = {0, 2, 3};
  return [axes](const Values& inputs) -> Values {
    const at::Tensor centred = inputs[0] - inputs[0].mean(axes, true);
    // The standard adds 1e-9 to the root; under it, the gradient is finite where nothing varies.
    return {centred / at::sqrt((centred * centred).mean(axes, true) + 1e-18)};
  };
}

// Scale and bias are one a group up to opset 20, one a channel after.
Forward group_normalization(const OperatorNode& node) {
  const bool by_group = node.opset < 21;
  const std::int64_t groups = int_attribute(node.proto, "num_groups", 1);
  const float epsilon = float_attribute(node.proto, "epsilon", 1e-5F);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const auto by_channel = [&](const at::Tensor& entries) {
      if (!by_group) return entries;
      return entries.unsqueeze(1).expand({groups, x.size(1) / groups}).flatten();
    };
    return {
        at::group_norm(x, groups, by_channel(inputs[1]), by_channel(inputs[2]), epsilon, false)};
  };
}

}  // namespace

std::vector<MappedOperator> normalizations_operators() {
  return {{"BatchNormalization", batch_normalization},
          {"GroupNormalization", group_normalization},
          {"InstanceNormalization", instance_normalization},
          {"LRN", local_response_normalization},
          {"LayerNormalization", layer_normalization},
          {"LpNormalization", lp_normalization},
          {"MeanVarianceNormalization", mean_variance_normalization},
          {"RMSNormalization", rms_normalization}};
}

}  // namespace octavo
