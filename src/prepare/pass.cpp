#include "prepare/pass.h"

#include <utility>

namespace octavo {

#define OCTAVO_PASS(effect, name, help) PassPlan plan_##name(const PassContext& context);
#include "prepare/pass_list.inc"
#undef OCTAVO_PASS

namespace {

std::string note_name(const onnx::NodeProto& node) {
  if (!node.name().empty() || node.output_size() == 0) return node.name();
  return node.output(0);
}

}  // namespace

void PassPlan::changed(const onnx::NodeProto& node, std::string text) {
  changes.push_back({note_name(node), std::move(text)});
}

void PassPlan::refused(const onnx::NodeProto& node, std::string text) {
  refusals.push_back({note_name(node), std::move(text)});
}

const std::vector<Pass>& all_passes() {
  static const std::vector<Pass> kPasses = {
#define OCTAVO_PASS(effect, name, help) {{#name, help, PassEffect::effect}, plan_##name},
#include "prepare/pass_list.inc"
#undef OCTAVO_PASS
  };
  return kPasses;
}

}  // namespace octavo
