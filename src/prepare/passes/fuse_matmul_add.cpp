#include "prepare/passes/fuse_matmul_add.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "prepare/constants.h"
#include "prepare/known_types.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

// The operand of an Add that a MatMul makes, where the other is a constant; none otherwise.
std::optional<int> product_operand(const Graph& graph, const onnx::NodeProto& node) {
  if (!is_operator(node, "Add", 2)) return std::nullopt;
  for (const int index : {0, 1}) {
    const onnx::NodeProto* producer = graph.producer(node.input(index));
    if (producer == nullptr || !is_operator(*producer, "MatMul", 2)) continue;
    if (graph.is_constant(node.input(1 - index))) return index;
  }
  return std::nullopt;
}

// The name of the bias with shape [N]: as it is, or as a new initializer; none if it is not finite.
std::optional<std::string> place_bias(const std::string& name, const Tensor& bias,
                                      const std::vector<double>& values, NamePool& names,
                                      PassPlan& plan) {
  const Shape row = {static_cast<std::int64_t>(values.size())};
  if (bias.shape() == row) return name;
  const auto spread = from_doubles(bias.dtype(), row, values);
  if (!spread) return std::nullopt;
  std::string placed = names.take(name + "_row");
  plan.edits.set_initializer(tensor_to_proto(*spread, placed));
  return placed;
}

void plan_one(const Graph& graph, const KnownTypes& types, const onnx::NodeProto& add, int index,
              NamePool& names, PassPlan& plan) {
  const std::string& product = add.input(index);
  const std::string& bias_name = add.input(1 - index);
  const onnx::NodeProto& matmul = *graph.producer(product);
  const auto linear = as_linear_node(graph, matmul);
  if (const auto* refusal = std::get_if<NotLinear>(&linear)) {
    return plan.refused(add, refusal->reason);
  }
  const auto bias = constant_tensor(graph, bias_name);
  const auto values = bias ? per_output_channel(std::get<LinearNode>(linear), *bias) : std::nullopt;
  if (!values) return;  // no bias
  if (graph.only_consumer(product) != &add) {
    return plan.refused(add, fmt::format("'{}' is read elsewhere too, or is an output", product));
  }
  if (types.rank(matmul.input(0)) != 2) {
    return plan.refused(add, fmt::format("'{}' is not known to be a matrix", matmul.input(0)));
  }
  auto placed = place_bias(bias_name, *bias, *values, names, plan);
  if (!placed) return plan.refused(add, fmt::format("the bias '{}' is not finite", bias_name));
  onnx::NodeProto gemm = matmul;
  gemm.set_op_type("Gemm");
  gemm.add_input(std::move(*placed));
  gemm.set_output(0, add.output(0));
  plan.edits.replace(matmul, {std::move(gemm)});
  plan.edits.remove(add);
  plan.changed(add, fmt::format("Add is the bias of {} now", describe(matmul)));
}

}  // namespace

PassPlan plan_fuse_matmul_add(const PassContext& context) {
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    const auto index = product_operand(context.graph, node);
    if (index) plan_one(context.graph, types, node, *index, names, plan);
  }
  return plan;
}

}  // namespace octavo
