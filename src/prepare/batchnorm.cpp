#include "prepare/batchnorm.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "model/attributes.h"
#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

constexpr float kDefaultEpsilon = 1e-5F;
constexpr int kInputs = 5;  // x, gamma, beta, mean, variance

bool is_training(const onnx::NodeProto& node) {
  if (int_attribute(node, "training_mode", 0) != 0) return true;
  for (int i = 1; i < node.output_size(); ++i) {
    if (!node.output(i).empty()) return true;  // before opset 14, that is what tells of training
  }
  return false;
}

}  // namespace

bool is_batchnorm(const onnx::NodeProto& node) {
  return node.op_type() == "BatchNormalization" && has_operands(node, kInputs);
}

std::variant<ChannelAffine, std::string> batchnorm_affine(const Graph& graph,
                                                          const onnx::NodeProto& node) {
  if (is_training(node)) return std::string("it is in training mode");
  if (int_attribute(node, "spatial", 1) == 0) return std::string("it is not spatial");
  std::array<std::vector<double>, 4> parameters;  // gamma, beta, mean, variance
  for (int i = 0; i < 4; ++i) {
    const std::string_view name = input_or_empty(node, i + 1);
    auto values = constant_values(graph, name);
    if (!values) return fmt::format("its parameter '{}' is not constant", name);
    parameters[static_cast<std::size_t>(i)] = std::move(*values);
  }
  const auto& [gamma, beta, mean, variance] = parameters;
  for (const auto& values : parameters) {
    if (values.size() != gamma.size()) return std::string("its parameters differ in size");
  }
  const double epsilon = static_cast<double>(float_attribute(node, "epsilon", kDefaultEpsilon));
  ChannelAffine affine;
  for (std::size_t i = 0; i < gamma.size(); ++i) {
    const double scale = gamma[i] / std::sqrt(variance[i] + epsilon);
    affine.scale.push_back(scale);
    affine.shift.push_back(beta[i] - mean[i] * scale);
  }
  return affine;
}

}  // namespace octavo
