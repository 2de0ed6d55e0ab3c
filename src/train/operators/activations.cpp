// Nonlinear functions of one tensor.
#include <limits>
#include <optional>

#include "model/attributes.h"
#include "train/constants.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

template <at::Tensor (*function)(const at::Tensor&)>
Forward plain(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {function(inputs[0])}; };
}

Forward leaky_relu(const OperatorNode& node) {
  const float slope = float_attribute(node.proto, "alpha", 0.01F);
  return [slope](const Values& inputs) -> Values { return {at::leaky_relu(inputs[0], slope)}; };
}

Forward prelu(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    return {at::where(inputs[0] < 0, inputs[0] * inputs[1], inputs[0])};
  };
}

at::Tensor hard_sigmoid_of(const at::Tensor& x, float slope, float offset) {
  return at::clamp(x * slope + offset, 0, 1);
}

Forward hard_sigmoid(const OperatorNode& node) {
  const float slope = float_attribute(node.proto, "alpha", 0.2F);
  const float offset = float_attribute(node.proto, "beta", 0.5F);
  return
      [=](const Values& inputs) -> Values { return {hard_sigmoid_of(inputs[0], slope, offset)}; };
}

at::Tensor hard_swish(const at::Tensor& x) { return x * hard_sigmoid_of(x, 1.0F / 6, 0.5F); }

Forward elu(const OperatorNode& node) {
  const float alpha = float_attribute(node.proto, "alpha", 1);
  return [alpha](const Values& inputs) -> Values { return {at::elu(inputs[0], alpha)}; };
}

Forward selu(const OperatorNode& node) {
  const float alpha = float_attribute(node.proto, "alpha", 1.67326319217681884765625F);
  const float gamma = float_attribute(node.proto, "gamma", 1.05070102214813232421875F);
  return [=](const Values& inputs) -> Values { return {at::elu(inputs[0], alpha) * gamma}; };
}

Forward celu(const OperatorNode& node) {
  const float alpha = float_attribute(node.proto, "alpha", 1);
  return [alpha](const Values& inputs) -> Values { return {at::celu(inputs[0], alpha)}; };
}

Forward thresholded_relu(const OperatorNode& node) {
  const float alpha = float_attribute(node.proto, "alpha", 1);
  return [alpha](const Values& inputs) -> Values { return {at::threshold(inputs[0], alpha, 0)}; };
}

Forward shrink(const OperatorNode& node) {
  const float bias = float_attribute(node.proto, "bias", 0);
  const float width = float_attribute(node.proto, "lambd", 0.5F);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const at::Tensor above = at::where(x > width, x - bias, at::zeros_like(x));
    return {at::where(x < -width, x + bias, above)};
  };
}

Forward swish(const OperatorNode& node) {
  const float alpha = float_attribute(node.proto, "alpha", 1);
  return [alpha](const Values& inputs) -> Values {
    return {inputs[0] * at::sigmoid(inputs[0] * alpha)};
  };
}

Forward gelu(const OperatorNode& node) {
  const std::string form = string_attribute(node.proto, "approximate", "none");
  return [form](const Values& inputs) -> Values { return {at::gelu(inputs[0], form)}; };
}

at::Tensor softplus(const at::Tensor& x) { return at::softplus(x); }
at::Tensor softsign(const at::Tensor& x) { return x / (1 + x.abs()); }
at::Tensor mish(const at::Tensor& x) { return at::mish(x); }

// Before opset 13 all axes from `axis` on were one.
template <at::Tensor (*function)(const at::Tensor&, std::int64_t)>
Forward along_axis(const OperatorNode& node) {
  const bool flattens = node.opset < 13;
  const std::int64_t axis = int_attribute(node.proto, "axis", flattens ? 1 : -1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    if (!flattens) return {function(x, axis)};
    const std::int64_t first = axis_of(axis, x.dim());
    return {function(x.flatten(first), first).reshape(x.sizes())};
  };
}

at::Tensor softmax(const at::Tensor& x, std::int64_t axis) { return at::softmax(x, axis); }
at::Tensor log_softmax(const at::Tensor& x, std::int64_t axis) { return at::log_softmax(x, axis); }
// 1 where the first of the highest is.
at::Tensor hardmax(const at::Tensor& x, std::int64_t axis) {
  return at::scatter(at::zeros_like(x), axis, at::argmax(x, axis, true), 1);
}

// One end of a Clip, which was an attribute before opset 11; nothing where it is computed.
std::optional<at::Scalar> stated_bound(const OperatorNode& node, int input, const char* attribute,
                                       float absent) {
  if (const auto value = stated_value(node, input)) return to_torch(*value).item();
  if (!input_or_empty(node.proto, input).empty()) return std::nullopt;
  return float_attribute(node.proto, attribute, absent);
}

std::optional<at::Tensor> bound_at(const Values& inputs, std::size_t index) {
  const at::Tensor bound = input_at(inputs, index);
  return bound.defined() ? std::optional(bound) : std::nullopt;
}

Forward clip(const OperatorNode& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto lowest = stated_bound(node, 1, "min", -kInfinity);
  const auto highest = stated_bound(node, 2, "max", kInfinity);
  if (lowest && highest) {
    return [=](const Values& inputs) -> Values { return {at::clamp(inputs[0], lowest, highest)}; };
  }
  return [](const Values& inputs) -> Values {
    return {at::clamp(inputs[0], bound_at(inputs, 1), bound_at(inputs, 2))};
  };
}

}  // namespace

std::vector<MappedOperator> activations_operators() {
  return {{"Celu", celu},
          {"Clip", clip},
          {"Elu", elu},
          {"Gelu", gelu},
          {"HardSigmoid", hard_sigmoid},
          {"HardSwish", plain<hard_swish>},
          {"Hardmax", along_axis<hardmax>},
          {"LeakyRelu", leaky_relu},
          {"LogSoftmax", along_axis<log_softmax>},
          {"Mish", plain<mish>},
          {"PRelu", prelu},
          {"Relu", plain<at::relu>},
          {"Selu", selu},
          {"Shrink", shrink},
          {"Sigmoid", plain<at::sigmoid>},
          {"Softmax", along_axis<softmax>},
          {"Softplus", plain<softplus>},
          {"Softsign", plain<softsign>},
          {"Swish", swish},
          {"Tanh", plain<at::tanh>},
          {"ThresholdedRelu", thresholded_relu}};
}

}  // namespace octavo
