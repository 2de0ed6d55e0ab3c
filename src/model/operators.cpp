#include "model/operators.h"

#include <algorithm>
#include <array>
#include <unordered_map>

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

bool is_product(const onnx::NodeProto& node) {
  return node.op_type() == "Gemm" || node.op_type() == "MatMul";
}

int fewest_inputs(std::string_view op_type) {
  // The ONNX operator reference. Split, Squeeze, Pad and the like got their second input later.
  static const std::unordered_map<std::string_view, int> kFewest = {{"Abs", 1},
                                                                    {"Add", 2},
                                                                    {"And", 2},
                                                                    {"ArgMax", 1},
                                                                    {"ArgMin", 1},
                                                                    {"AveragePool", 1},
                                                                    {"BatchNormalization", 5},
                                                                    {"BitShift", 2},
                                                                    {"Cast", 1},
                                                                    {"Ceil", 1},
                                                                    {"Clip", 1},
                                                                    {"Compress", 2},
                                                                    {"Concat", 1},
                                                                    {"ConstantOfShape", 1},
                                                                    {"Conv", 2},
                                                                    {"ConvInteger", 2},
                                                                    {"ConvTranspose", 2},
                                                                    {"DepthToSpace", 1},
                                                                    {"DequantizeLinear", 2},
                                                                    {"Div", 2},
                                                                    {"Dropout", 1},
                                                                    {"DynamicQuantizeLinear", 1},
                                                                    {"Elu", 1},
                                                                    {"Equal", 2},
                                                                    {"Erf", 1},
                                                                    {"Exp", 1},
                                                                    {"Expand", 2},
                                                                    {"Flatten", 1},
                                                                    {"Floor", 1},
                                                                    {"GRU", 3},
                                                                    {"Gather", 2},
                                                                    {"GatherElements", 2},
                                                                    {"GatherND", 2},
                                                                    {"Gemm", 2},
                                                                    {"GlobalAveragePool", 1},
                                                                    {"GlobalMaxPool", 1},
                                                                    {"Greater", 2},
                                                                    {"GreaterOrEqual", 2},
                                                                    {"GroupNormalization", 3},
                                                                    {"HardSigmoid", 1},
                                                                    {"HardSwish", 1},
                                                                    {"Hardmax", 1},
                                                                    {"Identity", 1},
                                                                    {"If", 1},
                                                                    {"InstanceNormalization", 3},
                                                                    {"LSTM", 3},
                                                                    {"LayerNormalization", 2},
                                                                    {"LeakyRelu", 1},
                                                                    {"Less", 2},
                                                                    {"LessOrEqual", 2},
                                                                    {"Log", 1},
                                                                    {"LogSoftmax", 1},
                                                                    {"LpNormalization", 1},
                                                                    {"MatMul", 2},
                                                                    {"MatMulInteger", 2},
                                                                    {"Max", 1},
                                                                    {"MaxPool", 1},
                                                                    {"Min", 1},
                                                                    {"Mod", 2},
                                                                    {"Mul", 2},
                                                                    {"Neg", 1},
                                                                    {"Not", 1},
                                                                    {"Or", 2},
                                                                    {"PRelu", 2},
                                                                    {"Pad", 1},
                                                                    {"Pow", 2},
                                                                    {"QLinearConv", 8},
                                                                    {"QLinearMatMul", 8},
                                                                    {"QuantizeLinear", 2},
                                                                    {"RNN", 3},
                                                                    {"ReduceMax", 1},
                                                                    {"ReduceMean", 1},
                                                                    {"ReduceMin", 1},
                                                                    {"ReduceProd", 1},
                                                                    {"ReduceSum", 1},
                                                                    {"Relu", 1},
                                                                    {"Reshape", 2},
                                                                    {"Resize", 1},
                                                                    {"RoiAlign", 3},
                                                                    {"Round", 1},
                                                                    {"Scatter", 3},
                                                                    {"ScatterElements", 3},
                                                                    {"ScatterND", 3},
                                                                    {"Selu", 1},
                                                                    {"Shape", 1},
                                                                    {"Sigmoid", 1},
                                                                    {"Sign", 1},
                                                                    {"Size", 1},
                                                                    {"Slice", 1},
                                                                    {"Softmax", 1},
                                                                    {"Softplus", 1},
                                                                    {"SpaceToDepth", 1},
                                                                    {"Split", 1},
                                                                    {"Sqrt", 1},
                                                                    {"Squeeze", 1},
                                                                    {"Sub", 2},
                                                                    {"Sum", 1},
                                                                    {"Tanh", 1},
                                                                    {"Tile", 2},
                                                                    {"TopK", 1},
                                                                    {"Transpose", 1},
                                                                    {"Unsqueeze", 1},
                                                                    {"Upsample", 1},
                                                                    {"Where", 3},
                                                                    {"Xor", 2}};
  const auto found = kFewest.find(op_type);
  return found == kFewest.end() ? 0 : found->second;
}

bool makes_whole_numbers(std::string_view op_type) {
  // The ONNX operator reference: those whose first output is int64 or bool.
  constexpr std::array<std::string_view, 18> kTypes = {
      "And",     "ArgMax", "ArgMin", "Equal",       "Greater",     "GreaterOrEqual",
      "IsInf",   "IsNaN",  "Less",   "LessOrEqual", "Multinomial", "NonMaxSuppression",
      "NonZero", "Not",    "Or",     "Shape",       "Size",        "Xor"};
  return std::find(kTypes.begin(), kTypes.end(), op_type) != kTypes.end();
}

std::optional<int> output_channel_axis(const onnx::NodeProto& node, int weight_rank) {
  const WeightedOperator* known = find_weighted(node.op_type());
  if (known == nullptr) return std::nullopt;
  const auto axis = known->channel_axis(node, weight_rank);
  return axis && *axis < weight_rank ? axis
                                     : std::nullopt;  // a broken model's weight may be scalar
}

}  // namespace octavo
