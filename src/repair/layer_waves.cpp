#include "repair/layer_waves.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>

#include "prepare/linear_node.h"

namespace octavo {
namespace {

std::string refusal_reason(const Graph& graph, const onnx::NodeProto& node,
                           const std::unordered_set<std::string_view>& with_codes) {
  const auto layer = as_linear_node(graph, node);
  if (const auto* no = std::get_if<NotLinear>(&layer)) return no->reason;
  if (!with_codes.contains(node.name())) return "its weights are not stored as codes";
  if (graph.uses(node.input(1)).size() > 1) return "another node reads the same weights";
  return "";
}

// Nodes by name: the quantized ones that carry weights, and those whose weights are codes.
struct QuantizedNodes {
  std::unordered_set<std::string_view> weighted;
  std::unordered_set<std::string_view> with_codes;
};

LayerWaves waves_of(const Graph& graph, const QuantizedNodes& nodes) {
  LayerWaves result;
  std::unordered_map<std::string_view, std::size_t> waves_before;  // by tensor
  for (const onnx::NodeProto& node : graph.proto().node()) {
    std::size_t wave = 0;
    for (const std::string& input : node.input()) {
      const auto found = waves_before.find(input);
      if (found != waves_before.end()) wave = std::max(wave, found->second);
    }
    const bool is_layer = nodes.weighted.contains(node.name());
    const std::string reason = is_layer ? refusal_reason(graph, node, nodes.with_codes) : "";
    if (is_layer && !reason.empty()) result.refusals.push_back({node.name(), reason});
    const bool repairable = is_layer && reason.empty();
    if (repairable) {
      if (result.waves.size() <= wave) result.waves.resize(wave + 1);
      result.waves[wave].push_back(node.name());
    }
    for (const std::string& output : node.output())
      waves_before[output] = wave + (repairable ? 1 : 0);
  }
  return result;
}

}  // namespace

LayerWaves layer_waves(const Graph& graph, const Plan& plan) {
  QuantizedNodes nodes;
  for (const PlannedConstant& constant : plan.constants) {
    if (constant.input == 1) nodes.with_codes.insert(constant.node);
  }
  for (const NodePlacement& node : plan.nodes) {
    const bool weighted = node.role == OperatorRole::kWeighted;
    if (weighted && node.decision == Decision::kQuantized) nodes.weighted.insert(node.node);
  }
  return waves_of(graph, nodes);
}

LayerWaves layer_waves(const Graph& graph, const WeightPlan& plan) {
  QuantizedNodes nodes;
  for (const PlannedWeight& weight : plan.weights) {
    nodes.weighted.insert(weight.node);
    if (weight.input == 1) nodes.with_codes.insert(weight.node);
  }
  return waves_of(graph, nodes);
}

}  // namespace octavo
