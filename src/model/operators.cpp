#include "model/operators.h"

#include <algorithm>
#include <array>

#include "model/attributes.h"

namespace octavo {
namespace {

struct WeightedOperator {
  std::string_view op_type;
  WeightedInputs inputs;
  std::optional<int> (*channel_axis)(const onnx::NodeProto& node, int weight_rank);
};

std::optional<int> conv_axis(const onnx::NodeProto&, int) { return 0; }

// The weight is [C, M/group, ...]: with groups, the output channels of all groups share axis 1.
std::optional<int> conv_transpose_axis(const onnx::NodeProto& node, int) {
  if (int_attribute(node, "group", 1) != 1) return std::nullopt;
  return 1;
}

std::optional<int> gemm_axis(const onnx::NodeProto& node, int) {
  return int_attribute(node, "transB", 0) != 0 ? 0 : 1;
}

std::optional<int> matmul_axis(const onnx::NodeProto&, int weight_rank) {
  if (weight_rank < 2) return std::nullopt;
  return weight_rank - 1;
}

constexpr std::array<WeightedOperator, 4> kWeightedOperators = {{
    {"Conv", {0, 1, 2}, conv_axis},
    {"ConvTranspose", {0, 1, 2}, conv_transpose_axis},
    {"Gemm", {0, 1, 2}, gemm_axis},
    {"MatMul", {0, 1, -1}, matmul_axis},
}};

const WeightedOperator* find_weighted(std::string_view op_type) {
  const auto* found =
      std::find_if(kWeightedOperators.begin(), kWeightedOperators.end(),
                   [&](const WeightedOperator& known) { return known.op_type == op_type; });
  return found == kWeightedOperators.end() ? nullptr : found;
}

}  // namespace

std::optional<WeightedInputs> weighted_inputs(std::string_view op_type) {
  const WeightedOperator* known = find_weighted(op_type);
  if (known == nullptr) return std::nullopt;
  return known->inputs;
}

std::optional<int> output_channel_axis(const onnx::NodeProto& node, int weight_rank) {
  const WeightedOperator* known = find_weighted(node.op_type());
  if (known == nullptr) return std::nullopt;
  return known->channel_axis(node, weight_rank);
}

}  // namespace octavo
