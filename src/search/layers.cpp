#include "search/layers.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace octavo {
namespace {

bool is_layer(const NodePlacement& node) {
  return node.decision == Decision::kQuantized && node.role == OperatorRole::kWeighted;
}

// Without the inputs.
Layer layer_of(const NodePlacement& placed, const Graph& graph, const Placement& placement) {
  Layer layer{placed.node, placed.op_type, {}, {}, {}};
  std::string_view tensor = graph.node(placed.node)->output(0);
  const onnx::NodeProto* next = graph.only_consumer(tensor);
  while (next != nullptr && placement.node(next->name()).decision == Decision::kAbsorbed) {
    layer.absorbed.push_back(next->name());
    tensor = next->output(0);
    next = graph.only_consumer(tensor);
  }
  if (placement.activation(tensor) != nullptr) layer.result = tensor;
  return layer;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
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
    layers.push_back(layer_of(placed, graph, placement));
    const std::string& result = layers.back().result;
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
  keep_only(alone.activations, [&](const PlannedActivation& entry) {
    return entry.tensor == layer.result || holds(layer.inputs, entry.tensor);
  });
  keep_only(alone.constants, [&](const auto& entry) { return entry.node == layer.node; });
  keep_only(alone.biases, [&](const auto& entry) { return entry.node == layer.node; });
  // Others that read the same input take it in float.
  for (PlannedActivation& entry : alone.activations) {
    if (holds(layer.inputs, entry.tensor)) entry.float_form = FloatForm::kAvailable;
  }
  for (NodePlacement& node : alone.nodes) {
    // An activation that others absorb has readers in float now: it must not vanish.
    if (node.node == layer.node || holds(layer.absorbed, node.node)) continue;
    node.decision = Decision::kFloat;
    node.role.reset();
  }
  return alone;
}

}  // namespace octavo
