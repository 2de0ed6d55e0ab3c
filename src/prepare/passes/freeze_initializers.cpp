#include "prepare/passes/freeze_initializers.h"

namespace octavo {

PassPlan plan_freeze_initializers(const PassContext& context) {
  PassPlan plan;
  for (const onnx::TensorProto& tensor : context.graph.proto().initializer()) {
    if (!context.graph.is_input(tensor.name())) continue;
    plan.edits.remove_input(tensor.name());
    plan.changes.push_back({tensor.name(), "is no input any more, only an initializer"});
  }
  return plan;
}

}  // namespace octavo
