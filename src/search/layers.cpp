#include "search/layers.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace octavo {
namespace {

bool is_layer(const NodePlacement& node) {
  return node.decision == Decision::kQuantized && node.role == OperatorRole::kWeighted;
}

// After the activations that the node absorbs.
std::string_view result_of(const onnx::NodeProto& node, const Graph& graph,
                           const Placement& placement) {
  std::string_view tensor = node.output(0);
  const onnx::NodeProto* next = graph.only_consumer(tensor);
  while (next != nullptr && placement.node(next->name()).decision == Decision::kAbsorbed) {
    tensor = next->output(0);
    next = graph.only_consumer(tensor);
  }
  return placement.activation(tensor) == nullptr ? std::string_view() : tensor;
}

template <typename Planned, typename Keep>
void keep_only(std::vector<Planned>& planned, const Keep& keep) {
  planned.erase(std::remove_if(planned.begin(), planned.end(),
                               [&](const Planned& entry) { return !keep(entry); }),
                planned.end());
}

}  // namespace

std::vector<Layer> layers_of(const Graph& graph, const Placement& placement) {
  std::vector<Layer> layers;
  // What only moves values keeps their scale, so that a layer's result is its whole group.
  std::set<std::size_t> made_by_layers;
  for (const NodePlacement& placed : placement.nodes) {
    if (!is_layer(placed)) continue;
    const std::string_view result = result_of(*graph.node(placed.node), graph, placement);
    layers.push_back({placed.node, placed.op_type, std::string(result), {}});
    if (!result.empty()) made_by_layers.insert(placement.activation(result)->group);
  }
  for (Layer& layer : layers) {
    for (const std::string& input : graph.node(layer.node)->input()) {
      const QuantizedActivation* activation = placement.activation(input);
      if (activation == nullptr || made_by_layers.contains(activation->group)) continue;
      layer.inputs.push_back(input);
    }
  }
  return layers;
}

Plan plan_of_layer(const Plan& plan, const Layer& layer) {
  Plan alone = plan;
  const auto is_input = [&](const std::string& tensor) {
    return std::find(layer.inputs.begin(), layer.inputs.end(), tensor) != layer.inputs.end();
  };
  keep_only(alone.activations, [&](const PlannedActivation& entry) {
    return entry.tensor == layer.result || is_input(entry.tensor);
  });
  keep_only(alone.constants, [&](const auto& entry) { return entry.node == layer.node; });
  keep_only(alone.biases, [&](const auto& entry) { return entry.node == layer.node; });
  // Others that read the same input take it in float.
  for (PlannedActivation& entry : alone.activations) {
    if (is_input(entry.tensor)) entry.float_form = FloatForm::kAvailable;
  }
  for (NodePlacement& node : alone.nodes) {
    if (node.node == layer.node || node.decision != Decision::kQuantized) continue;
    node.decision = Decision::kFloat;
    node.role.reset();
  }
  return alone;
}

}  // namespace octavo
