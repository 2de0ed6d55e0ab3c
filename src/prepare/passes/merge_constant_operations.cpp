#include "prepare/passes/merge_constant_operations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "prepare/constant_operand.h"
#include "prepare/constants.h"

namespace octavo {
namespace {

// `shape` with leading dimensions of 1, up to `rank`.
Shape extended(const Shape& shape, std::size_t rank) {
  Shape result(rank - shape.size(), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return result;
}

// Whether every dimension of `small` is that of `large` or 1.
bool broadcasts_into(const Shape& small, const Shape& large) {
  if (small.size() > large.size()) return false;
  const Shape aligned = extended(small, large.size());
  for (std::size_t i = 0; i < large.size(); ++i) {
    if (aligned[i] != large[i] && aligned[i] != 1) return false;
  }
  return true;
}

// The element of a tensor of shape `small` that meets element `index` of shape `large`.
std::size_t matching_element(std::size_t index, const Shape& small, const Shape& large) {
  const Shape aligned = extended(small, large.size());
  std::size_t element = 0;
  std::size_t stride = 1;
  for (std::size_t i = large.size(); i-- > 0;) {
    const auto dimension = static_cast<std::size_t>(large[i]);
    if (aligned[i] != 1) {
      element += index % dimension * stride;
      stride *= dimension;
    }
    index /= dimension;
  }
  return element;
}

// Element by element; none where neither shape holds the other, or a value leaves the type's range.
std::optional<Tensor> combined(const Tensor& left, const Tensor& right, bool multiplies) {
  if (!broadcasts_into(right.shape(), left.shape())) {
    if (!broadcasts_into(left.shape(), right.shape())) return std::nullopt;
    return combined(right, left, multiplies);
  }
  if (left.dtype() != right.dtype()) return std::nullopt;
  std::vector<double> values = to_doubles(left);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double other = right.at(matching_element(i, right.shape(), left.shape()));
    values[i] = multiplies ? values[i] * other : values[i] + other;
  }
  return from_doubles(left.dtype(), left.shape(), values);
}

void plan_one(const Graph& graph, const onnx::NodeProto& second, std::string_view op_type,
              NamePool& names, PassPlan& plan) {
  const auto outer = constant_operation(graph, second, op_type);
  if (!outer) return;
  const onnx::NodeProto* first = graph.producer(outer->input);
  if (first == nullptr || plan.edits.touches(*first)) return;
  const auto inner = constant_operation(graph, *first, op_type);
  if (!inner) return;
  if (graph.only_consumer(outer->input) != &second) {
    return plan.refused(second, "'" + outer->input + "' is read elsewhere too, or is an output");
  }
  const auto constant = combined(inner->constant, outer->constant, op_type == "Mul");
  if (!constant) return;
  const std::string name = names.take(inner->constant_name + "_merged");
  plan.edits.set_initializer(tensor_to_proto(*constant, name));
  onnx::NodeProto merged = second;
  merged.set_input(0, inner->input);
  merged.set_input(1, name);
  plan.edits.remove(*first);
  plan.edits.replace(second, {std::move(merged)});
  plan.changed(second, "takes in the " + std::string(op_type) + " before it");
}

}  // namespace

PassPlan plan_merge_constant_operations(const PassContext& context) {
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (plan.edits.touches(node)) continue;
    plan_one(context.graph, node, node.op_type() == "Add" ? "Add" : "Mul", names, plan);
  }
  return plan;
}

}  // namespace octavo
