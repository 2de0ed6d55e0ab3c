#include "repair/repaired_weights.h"

#include <algorithm>
#include <utility>

#include "model/graph.h"
#include "model/tensor_proto.h"
#include "prepare/graph_edits.h"

namespace octavo {

PlannedWeight& planned_weight(WeightPlan& plan, std::string_view node) {
  return *std::find_if(plan.weights.begin(), plan.weights.end(), [&](const PlannedWeight& weight) {
    return weight.node == node && weight.input == 1;
  });
}

Model with_code_values(const Model& model, const WeightPlan& plan) {
  Model result = model;
  const Graph graph(result.proto().graph());
  GraphEdits edits;
  for (const PlannedWeight& weight : plan.weights) {
    if (graph.uses(weight.tensor).size() > 1) continue;
    const Tensor values = tensor_from_proto(*graph.initializer(weight.tensor));
    edits.set_initializer(tensor_to_proto(fake_quantize(values, weight.params), weight.tensor));
  }
  std::move(edits).apply(result);
  return result;
}

}  // namespace octavo
