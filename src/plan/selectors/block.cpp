#include <unordered_set>

#include "plan/selector.h"

namespace octavo {
namespace {

using Found = std::unordered_set<const onnx::NodeProto*>;

// Whether nodes from `node` on are of the types from `position` on; those on a way that fits go
// into `found`.
bool follow(const onnx::NodeProto& node, std::size_t position, const SelectorInput& input,
            Found& found) {
  if (node.op_type() != input.arguments[position]) return false;
  bool fits = position + 1 == input.arguments.size();
  for (const std::string& output : node.output()) {
    if (position + 1 == input.arguments.size()) break;
    for (const Use& use : input.graph.uses(output)) {
      fits = follow(*use.node, position + 1, input, found) || fits;
    }
  }
  if (fits) found.insert(&node);
  return fits;
}

NodeList select(const SelectorInput& input) {
  Found found;
  for (const onnx::NodeProto& node : input.graph.proto().node()) follow(node, 0, input, found);
  return filtered(input.candidates,
                  [&](const onnx::NodeProto& node) { return found.contains(&node); });
}

}  // namespace

const Selector& block_selector() {
  static const Selector kSelector = {
      .word = "block",
      .form = "block=TYPE-TYPE[-TYPE...]",
      .help = "nodes of these types that feed each other in this order, as in Conv-Relu-Conv",
      .arguments = SelectorArguments::kSeveral,
      .separator = "-",
      .select = select,
      .vocabulary = operator_types,
      .noun = "node of type",
  };
  return kSelector;
}

}  // namespace octavo
