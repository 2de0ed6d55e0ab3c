#include "plan/selector.h"

namespace octavo {
namespace {

NodeList select(const SelectorInput& input) {
  return filtered(input.candidates,
                  [&](const onnx::NodeProto& node) { return names(input, node.op_type()); });
}

}  // namespace

const Selector& op_selector() {
  static const Selector kSelector = {
      .word = "op",
      .form = "op=TYPE[|TYPE...]",
      .help = "nodes of these operator types",
      .arguments = SelectorArguments::kSeveral,
      .separator = "|",
      .select = select,
      .vocabulary = operator_types,
      .noun = "node of type",
  };
  return kSelector;
}

}  // namespace octavo
