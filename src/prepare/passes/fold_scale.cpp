#include "prepare/passes/fold_scale.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/attributes.h"
#include "prepare/constants.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

bool is_arithmetic(const onnx::NodeProto& node) {
  return is_operator(node, "Add", 2) || is_operator(node, "Div", 2) ||
         is_operator(node, "Mul", 2) || is_operator(node, "Sub", 2);
}

// The operand that a linear node makes, where the other is a constant; none otherwise.
std::optional<int> linear_operand(const Graph& graph, const onnx::NodeProto& node) {
  for (const int index : {0, 1}) {
    const onnx::NodeProto* producer = graph.producer(node.input(index));
    if (producer == nullptr || !is_linear_operator(*producer)) continue;
    if (graph.is_constant(node.input(1 - index))) return index;
  }
  return std::nullopt;
}

// What `node` does to the operand at `index`, where `constant` is the other; none for a division of
// the constant.
std::optional<ChannelAffine> affine_of(const onnx::NodeProto& node, int index,
                                       std::vector<double> constant) {
  const std::string& op = node.op_type();
  ChannelAffine affine;
  if (op == "Add") {
    affine.shift = std::move(constant);
  } else if (op == "Mul") {
    affine.scale = std::move(constant);
  } else if (op == "Div") {
    if (index != 0) return std::nullopt;
    for (double& value : constant) value = 1 / value;
    affine.scale = std::move(constant);
  } else if (index == 0) {
    for (double& value : constant) value = -value;
    affine.shift = std::move(constant);
  } else {
    affine.scale.assign(constant.size(), -1);
    affine.shift = std::move(constant);
  }
  return affine;
}

void plan_one(const Graph& graph, const onnx::NodeProto& node, int index, NamePool& names,
              PassPlan& plan) {
  const std::string& result = node.input(index);
  const onnx::NodeProto& producer = *graph.producer(result);
  if (plan.edits.touches(producer)) return;
  if (graph.only_consumer(result) != &node) {
    return plan.refused(node, fmt::format("'{}' is read elsewhere too, or is an output", result));
  }
  const auto linear = as_linear_node(graph, producer);
  if (const auto* refusal = std::get_if<NotLinear>(&linear)) {
    return plan.refused(node, refusal->reason);
  }
  const auto& found = std::get<LinearNode>(linear);
  const auto constant = constant_tensor(graph, node.input(1 - index));
  auto values = constant ? per_output_channel(found, *constant) : std::nullopt;
  if (!values) return;  // other arithmetic
  const auto affine = affine_of(node, index, std::move(*values));
  if (!affine || (producer.op_type() == "MatMul" && !affine->shift.empty())) return;
  auto folded = fold_affine(graph, found, *affine, names);
  if (!folded) return plan.refused(node, "the folded weights leave their type's range");
  folded->node.set_output(0, node.output(0));
  replace_layer(found, std::move(*folded), plan.edits);
  plan.edits.remove(node);
  plan.changed(node, fmt::format("{} folded into {}", node.op_type(), describe(producer)));
}

}  // namespace

PassPlan plan_fold_scale(const PassContext& context) {
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!is_arithmetic(node)) continue;
    const auto index = linear_operand(context.graph, node);
    if (index) plan_one(context.graph, node, *index, names, plan);
  }
  return plan;
}

}  // namespace octavo
