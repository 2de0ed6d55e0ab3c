#include "plan/selector.h"

namespace octavo {
namespace {

NodeList select(const SelectorInput& input) {
  return filtered(input.candidates,
                  [&](const onnx::NodeProto& node) { return names(input, node.name()); });
}

}  // namespace

const Selector& name_selector() {
  static const Selector kSelector = {
      .word = "name",
      .form = "name=NODE[|NODE...]",
      .help = "these nodes",
      .arguments = SelectorArguments::kSeveral,
      .separator = "|",
      .select = select,
      .vocabulary = node_names,
      .noun = "node",
  };
  return kSelector;
}

}  // namespace octavo
