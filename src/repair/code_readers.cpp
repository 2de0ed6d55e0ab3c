#include "repair/code_readers.h"

#include <algorithm>

namespace octavo {

const NodePlacement* placement_of(const Plan& plan, std::string_view node) {
  const auto found = std::find_if(plan.nodes.begin(), plan.nodes.end(),
                                  [&](const NodePlacement& entry) { return entry.node == node; });
  return found == plan.nodes.end() ? nullptr : &*found;
}

bool reads_codes(const Plan& plan, const onnx::NodeProto& node, std::string_view tensor) {
  const PlannedActivation* activation = planned_activation(plan, tensor);
  if (activation == nullptr || activation->float_form == FloatForm::kNone) return true;
  const NodePlacement* placement = placement_of(plan, node.name());
  return placement != nullptr && placement->decision == Decision::kQuantized;
}

}  // namespace octavo
