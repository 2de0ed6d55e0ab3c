#include "repair/elementwise.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "model/attributes.h"
#include "placement/node_rules.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

using Function = std::function<double(double)>;
using Maker = Function (*)(const onnx::NodeProto& node, const Graph& graph);

double attribute(const onnx::NodeProto& node, std::string_view name, double absent) {
  return static_cast<double>(float_attribute(node, name, static_cast<float>(absent)));
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Function clip(const onnx::NodeProto& node, const Graph& graph) {
  for (int i = 1; i < node.input_size(); ++i) {
    if (!node.input(i).empty() && !graph.is_constant(node.input(i))) return {};
  }
  const Range bounds = clip_bounds(node, graph);
  return [bounds](double x) { return std::min(std::max(x, bounds.min), bounds.max); };
}

Function leaky_relu(const onnx::NodeProto& node, const Graph& /*graph*/) {
  const double slope = attribute(node, "alpha", 0.01);
  return [slope](double x) { return x > 0 ? x : slope * x; };
}

Function elu(const onnx::NodeProto& node, const Graph& /*graph*/) {
  const double alpha = attribute(node, "alpha", 1);
  return [alpha](double x) { return x > 0 ? x : alpha * std::expm1(x); };
}

Function hard_sigmoid(const onnx::NodeProto& node, const Graph& /*graph*/) {
  const double alpha = attribute(node, "alpha", 0.2);
  const double beta = attribute(node, "beta", 0.5);
  return [alpha, beta](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); };
}

template <double (*function)(double)>
Function plain(const onnx::NodeProto& /*node*/, const Graph& /*graph*/) {
  return function;
}

double relu(double x) { return std::max(x, 0.0); }
double hard_swish(double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double mish(double x) { return x * std::tanh(softplus(x)); }
double hyperbolic_tangent(double x) { return std::tanh(x); }
double error_function(double x) { return std::erf(x); }
double negative(double x) { return -x; }
double magnitude(double x) { return std::abs(x); }

const std::unordered_map<std::string_view, Maker>& makers() {
  static const std::unordered_map<std::string_view, Maker> kMakers = {
      {"Abs", plain<magnitude>},
      {"Clip", clip},
      {"Elu", elu},
      {"Erf", plain<error_function>},
      {"HardSigmoid", hard_sigmoid},
      {"HardSwish", plain<hard_swish>},
      {"LeakyRelu", leaky_relu},
      {"Mish", plain<mish>},
      {"Neg", plain<negative>},
      {"Relu", plain<relu>},
      {"Sigmoid", plain<sigmoid>},
      {"Softplus", plain<softplus>},
      {"Tanh", plain<hyperbolic_tangent>},
  };
  return kMakers;
}

}  // namespace

Function elementwise_function(const onnx::NodeProto& node, const Graph& graph) {
  const auto found = makers().find(node.op_type());
  if (found == makers().end() || !is_operator(node, node.op_type(), 1)) return {};
  return found->second(node, graph);
}

}  // namespace octavo
