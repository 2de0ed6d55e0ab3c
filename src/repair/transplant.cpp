#include "repair/transplant.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "model/graph.h"
#include "prepare/graph_edits.h"

namespace octavo {
namespace {

std::unordered_set<std::string> layers_in_codes(const Plan& plan) {
  std::unordered_set<std::string> nodes;
  for (const PlannedConstant& constant : plan.constants) nodes.insert(constant.node);
  return nodes;
}

// A bias that a repair added needs codes in the new plan too.
void adopt_bias(Plan& plan, const Plan& repaired, const std::string& node) {
  const auto of_node = [&](const PlannedBias& bias) { return bias.node == node; };
  const auto source = std::find_if(repaired.biases.begin(), repaired.biases.end(), of_node);
  if (source == repaired.biases.end()) return;
  const auto known = std::find_if(plan.biases.begin(), plan.biases.end(), of_node);
  if (known == plan.biases.end()) {
    plan.biases.push_back(*source);
  } else {
    known->tensor = source->tensor;
  }
}

}  // namespace

Model transplant(const Model& model, const Repaired& repaired, Plan& plan) {
  Model result = model;
  const Graph graph(result.proto().graph());
  const Graph donors(repaired.model.proto().graph());
  const std::unordered_set<std::string> in_both = layers_in_codes(repaired.plan);
  GraphEdits edits;
  for (const std::string& node : layers_in_codes(plan)) {
    const onnx::NodeProto* donor = donors.node(node);
    if (!in_both.contains(node) || donor == nullptr) continue;
    for (int i = 1; i < donor->input_size(); ++i) {
      if (const auto* tensor = donors.initializer(donor->input(i))) edits.set_initializer(*tensor);
    }
    edits.replace(*graph.node(node), {*donor});
    adopt_bias(plan, repaired.plan, node);
  }
  std::move(edits).apply(result);
  return result;
}

}  // namespace octavo
