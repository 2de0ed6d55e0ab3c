#include "prepare/known_types.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "model/value_info.h"
#include "prepare/constants.h"

namespace octavo {
namespace {

// Of tensors that a Reshape to a computed shape makes; more is nonsense.
constexpr std::int64_t kMaxRank = 64;

// What the first output takes from the first input. Other operators are followed one by one.
enum class Keeps { kNothing, kType, kTypeAndRank, kTypeAndShape, kShape };

Keeps what_it_keeps(const onnx::NodeProto& node) {
  static const std::unordered_map<std::string_view, Keeps> kTable = {
      {"Abs", Keeps::kTypeAndShape},
      {"Add", Keeps::kType},
      {"AveragePool", Keeps::kTypeAndRank},
      {"BatchNormalization", Keeps::kTypeAndShape},
      {"Cast", Keeps::kShape},
      {"Ceil", Keeps::kTypeAndShape},
      {"Clip", Keeps::kTypeAndShape},
      {"Concat", Keeps::kTypeAndRank},
      {"Conv", Keeps::kType},
      {"ConvTranspose", Keeps::kType},
      {"DepthToSpace", Keeps::kTypeAndRank},
      {"Div", Keeps::kType},
      {"Dropout", Keeps::kTypeAndShape},
      {"Elu", Keeps::kTypeAndShape},
      {"Erf", Keeps::kTypeAndShape},
      {"Exp", Keeps::kTypeAndShape},
      {"Expand", Keeps::kType},
      {"Flatten", Keeps::kType},
      {"Floor", Keeps::kTypeAndShape},
      {"Gather", Keeps::kType},
      {"Gemm", Keeps::kType},
      {"GlobalAveragePool", Keeps::kTypeAndRank},
      {"GlobalMaxPool", Keeps::kTypeAndRank},
      {"HardSigmoid", Keeps::kTypeAndShape},
      {"HardSwish", Keeps::kTypeAndShape},
      {"Identity", Keeps::kTypeAndShape},
      {"InstanceNormalization", Keeps::kTypeAndShape},
      {"LRN", Keeps::kTypeAndShape},
      {"LayerNormalization", Keeps::kTypeAndShape},
      {"LeakyRelu", Keeps::kTypeAndShape},
      {"Log", Keeps::kTypeAndShape},
      {"LogSoftmax", Keeps::kTypeAndShape},
      {"MatMul", Keeps::kType},
      {"Max", Keeps::kType},
      {"MaxPool", Keeps::kTypeAndRank},
      {"Min", Keeps::kType},
      {"Mul", Keeps::kType},
      {"Neg", Keeps::kTypeAndShape},
      {"PRelu", Keeps::kTypeAndShape},
      {"Pad", Keeps::kTypeAndRank},
      {"Pow", Keeps::kType},
      {"ReduceMax", Keeps::kType},
      {"ReduceMean", Keeps::kType},
      {"ReduceSum", Keeps::kType},
      {"Relu", Keeps::kTypeAndShape},
      {"Reshape", Keeps::kType},
      {"Resize", Keeps::kTypeAndRank},
      {"Sigmoid", Keeps::kTypeAndShape},
      {"Slice", Keeps::kTypeAndRank},
      {"Softmax", Keeps::kTypeAndShape},
      {"Softplus", Keeps::kTypeAndShape},
      {"SpaceToDepth", Keeps::kTypeAndRank},
      {"Split", Keeps::kTypeAndRank},
      {"Sqrt", Keeps::kTypeAndShape},
      {"Squeeze", Keeps::kType},
      {"Sub", Keeps::kType},
      {"Tanh", Keeps::kTypeAndShape},
      {"Transpose", Keeps::kTypeAndRank},
      {"Unsqueeze", Keeps::kType},
      {"Upsample", Keeps::kTypeAndRank},
  };
  if (!in_default_domain(node)) return Keeps::kNothing;
  const auto found = kTable.find(node.op_type());
  return found == kTable.end() ? Keeps::kNothing : found->second;
}

bool is_broadcaster(std::string_view op_type) {
  static const std::unordered_set<std::string_view> kNames = {"Add", "Div", "Max", "Mean", "Min",
                                                              "Mul", "Pow", "Sub", "Sum"};
  return kNames.contains(op_type);
}

Shape unknown_of_rank(std::size_t rank) { return Shape(rank, -1); }

// NumPy's rule: a dimension above 1 decides, an unknown one leaves it open, 1 gives way.
void broadcast_into(Shape& result, const Shape& shape) {
  if (shape.size() > result.size()) result.insert(result.begin(), shape.size() - result.size(), 1);
  const std::size_t offset = result.size() - shape.size();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > 1 || result[offset + i] == 1) result[offset + i] = shape[i];
  }
}

}  // namespace

KnownTypes::KnownTypes(const Graph& graph) : graph_(&graph) {
  const onnx::GraphProto& proto = graph.proto();
  for (const auto* infos : {&proto.value_info(), &proto.input(), &proto.output()}) {
    for (const onnx::ValueInfoProto& info : *infos) declare(info);
  }
  for (const onnx::TensorProto& tensor : proto.initializer()) {
    if (const auto type = readable_dtype(tensor.data_type())) dtypes_[tensor.name()] = *type;
    shapes_[tensor.name()] = shape_of(tensor);
  }
  for (const onnx::NodeProto& node : proto.node()) infer(node);
}

void KnownTypes::declare(const onnx::ValueInfoProto& info) {
  const auto& type = info.type().tensor_type();
  const auto known = readable_dtype(type.elem_type());
  if (!known) return;
  dtypes_.emplace(info.name(), *known);
  if (type.has_shape()) shapes_.emplace(info.name(), tensor_info(info).shape);
}

void KnownTypes::infer(const onnx::NodeProto& node) {
  if (node.output_size() == 0) return;
  const Keeps keeps = what_it_keeps(node);
  auto type = dtype(input_or_empty(node, 0));
  if (node.op_type() == "Shape" && in_default_domain(node)) {
    type = DType::kInt64;
  } else if (node.op_type() == "Cast") {
    type = readable_dtype(static_cast<int>(int_attribute(node, "to", 0)));
  } else if (keeps == Keeps::kNothing || keeps == Keeps::kShape) {
    type = std::nullopt;
  }
  const auto shape = infer_shape(node);
  const int outputs = node.op_type() == "Split" ? node.output_size() : 1;
  for (int i = 0; i < outputs; ++i) {
    if (type) dtypes_.emplace(node.output(i), *type);
    if (shape) shapes_.emplace(node.output(i), *shape);
  }
}

std::optional<Shape> KnownTypes::first_input_shape(const onnx::NodeProto& node) const {
  return shape(input_or_empty(node, 0));
}

std::optional<Shape> KnownTypes::infer_shape(const onnx::NodeProto& node) const {
  const Keeps keeps = what_it_keeps(node);
  if (node.op_type() == "Shape" && in_default_domain(node)) return length_of_shape(node);
  if (keeps == Keeps::kNothing) return std::nullopt;
  const std::string& op = node.op_type();
  if (keeps == Keeps::kTypeAndShape || keeps == Keeps::kShape) return first_input_shape(node);
  if (is_broadcaster(op)) return broadcast(node);
  if (op == "Conv" || op == "ConvTranspose") return convolved(node);
  if (op == "Flatten" || op == "Gemm") return unknown_of_rank(2);
  if (op == "MatMul") return multiplied(node);
  if (op == "Reshape") return reshaped(node);
  if (auto shape = moved(node)) return shape;
  if (keeps != Keeps::kTypeAndRank) return std::nullopt;
  const auto input = first_input_shape(node);
  if (!input) return std::nullopt;
  Shape result = unknown_of_rank(input->size());
  for (std::size_t i = 0; i < result.size() && op.ends_with("Pool"); ++i) {
    if (i < 2) result[i] = (*input)[i];
    if (i >= 2 && op.starts_with("Global")) result[i] = 1;
  }
  return result;
}

std::optional<Shape> KnownTypes::length_of_shape(const onnx::NodeProto& node) const {
  const auto input_rank = rank(input_or_empty(node, 0));
  if (!input_rank || node.attribute_size() > 0) return std::nullopt;
  return Shape{*input_rank};
}

std::optional<Shape> KnownTypes::broadcast(const onnx::NodeProto& node) const {
  Shape result;
  for (const std::string& input : node.input()) {
    const auto operand = shape(input);
    if (!operand) return std::nullopt;
    broadcast_into(result, *operand);
  }
  return result;
}

std::optional<Shape> KnownTypes::reshaped(const onnx::NodeProto& node) const {
  if (auto dimensions = constant_ints(*graph_, input_or_empty(node, 1))) {
    // 0 copies the input's dimension.
    std::replace(dimensions->begin(), dimensions->end(), std::int64_t{0}, std::int64_t{-1});
    return dimensions;
  }
  const auto shape_of_shape = shape(input_or_empty(node, 1));
  if (!shape_of_shape || shape_of_shape->size() != 1 || shape_of_shape->front() < 0 ||
      shape_of_shape->front() > kMaxRank) {
    return std::nullopt;
  }
  return unknown_of_rank(static_cast<std::size_t>(shape_of_shape->front()));
}

std::optional<Shape> KnownTypes::multiplied(const onnx::NodeProto& node) const {
  auto left = first_input_shape(node);
  const auto right = shape(input_or_empty(node, 1));
  if (!left || !right || left->size() < 2 || right->size() != 2) return std::nullopt;
  left->back() = right->back();
  return left;
}

std::optional<Shape> KnownTypes::convolved(const onnx::NodeProto& node) const {
  const auto weights = shape(input_or_empty(node, 1));
  if (!weights || weights->size() < 2) return std::nullopt;
  Shape result = unknown_of_rank(weights->size());
  if (node.op_type() == "Conv") result[1] = weights->front();
  return result;
}

std::optional<DType> KnownTypes::dtype(std::string_view tensor) const {
  const auto found = dtypes_.find(tensor);
  return found == dtypes_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Shape> KnownTypes::shape(std::string_view tensor) const {
  const auto found = shapes_.find(tensor);
  return found == shapes_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int> KnownTypes::rank(std::string_view tensor) const {
  const auto known = shape(tensor);
  return known ? std::optional(static_cast<int>(known->size())) : std::nullopt;
}

}  // namespace octavo
