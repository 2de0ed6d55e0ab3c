#include "repair/block/scale_ties.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "core/bias.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "placement/tensor_union.h"
#include "search/local_error.h"

namespace octavo {
namespace {

bool only_moves(const NodePlacement& node) {
  return node.decision == Decision::kQuantized && (node.role == OperatorRole::kPassThrough ||
                                                   node.role == OperatorRole::kIntegerPassThrough);
}

bool is_among(std::span<const std::string> tensors, std::string_view tensor) {
  return std::find(tensors.begin(), tensors.end(), tensor) != tensors.end();
}

const PlannedConstant* weights_of(const Plan& plan, std::string_view node) {
  const auto found = std::find_if(
      plan.constants.begin(), plan.constants.end(),
      [&](const PlannedConstant& entry) { return entry.node == node && entry.input == 1; });
  return found == plan.constants.end() ? nullptr : &*found;
}

// One a channel in a guard, all alike.
void fill(QuantParams& stored, ScaleZeroPoint params) {
  std::fill(stored.scale.begin(), stored.scale.end(), params.scale);
  std::fill(stored.zero_point.begin(), stored.zero_point.end(), params.zero_point);
}

void change(PlannedActivation& activation, const RepairedParams& chosen) {
  const QuantParams before = activation.params;
  fill(activation.params, chosen.params);
  if (activation.params == before) return;
  activation.range = covered_range(activation.params);
  activation.calibrator = {std::string(chosen.repair), {}};
}

// Of those codes that fit_bias() leaves to a bias.
bool fits(const Tensor& bias, const QuantParams& params) {
  const double most = code_range(params.scheme).max / 2.0;
  for (std::size_t i = 0; i < bias.size(); ++i) {
    const auto scale = static_cast<double>(params.scale[params.scale.size() == 1 ? 0 : i]);
    if (std::abs(bias.at(i)) > scale * most) return false;
  }
  return true;
}

}  // namespace

ScaleTies::ScaleTies(const Graph& graph, const Plan& plan) {
  TensorUnion tied;
  const auto tie = [&](std::string_view a, std::string_view b) {
    const PlannedActivation* first = planned_activation(plan, a);
    const PlannedActivation* second = planned_activation(plan, b);
    if (first == nullptr || second == nullptr || first->params != second->params) return;
    tied.join(first->tensor, second->tensor);
  };
  for (const NodePlacement& placed : plan.nodes) {
    const onnx::NodeProto* node = graph.node(placed.node);
    if (node == nullptr || node->output_size() == 0) continue;
    if (only_moves(placed)) tie(node->input(kMovedInput), node->output(0));
    if (placed.op_type != "Concat" || placed.decision != Decision::kQuantized) continue;
    for (const std::string& input : node->input()) tie(input, node->output(0));
  }
  std::unordered_map<std::string_view, std::size_t> set_of_root;
  for (const PlannedActivation& activation : plan.activations) {
    const auto [found, added] = set_of_root.emplace(tied.root(activation.tensor), sets_.size());
    if (added) sets_.emplace_back();
    sets_[found->second].push_back(activation.tensor);
    set_of_.emplace(activation.tensor, found->second);
  }
}

bool set_activation_params(Repaired& repaired, std::span<const std::string> tensors,
                           const RepairedParams& chosen) {
  const ScaleZeroPoint& params = chosen.params;
  const Graph graph(repaired.model.proto().graph());
  Plan plan = repaired.plan;
  for (PlannedActivation& activation : plan.activations) {
    if (is_among(tensors, activation.tensor)) change(activation, chosen);
  }
  for (FloatGuard& guard : plan.guards) {
    if (is_among(tensors, guard.tensor)) fill(guard.params, params);
  }
  for (PlannedBias& bias : plan.biases) {
    const onnx::NodeProto* node = graph.node(bias.node);
    const PlannedConstant* weights = weights_of(plan, bias.node);
    if (weights == nullptr || !is_among(tensors, node->input(0))) continue;
    bias.params.scale = bias_params(params.scale, weights->params.scale).scale;
    if (!fits(tensor_from_proto(*graph.initializer(bias.tensor)), bias.params)) return false;
  }
  repaired.plan = std::move(plan);
  return true;
}

}  // namespace octavo
