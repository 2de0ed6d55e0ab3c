#include "modes/write_weights.h"

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/check.h"
#include "modes/weight_form.h"

namespace octavo {

Model write_weights(const Model& model, const WeightPlan& plan) {
  std::unordered_map<std::string_view, std::vector<const PlannedWeight*>> weights;
  for (const PlannedWeight& weight : plan.weights) weights[weight.node].push_back(&weight);
  ModelWriter writer(model);
  for (const onnx::NodeProto& node : model.proto().graph().node()) {
    const auto found = weights.find(node.name());
    if (found == weights.end()) {
      writer.add_copy(node);
      continue;
    }
    weight_form(found->second.front()->form).write(node, found->second, writer);
  }
  Model result = std::move(writer).finish();
  check_model(result, to_string(plan.mode));
  return result;
}

}  // namespace octavo
