#include <unordered_set>

#include "plan/selector.h"

namespace octavo {
namespace {

using Names = std::unordered_set<std::string_view>;

bool reads_any(const onnx::NodeProto& node, const Names& tensors) {
  for (const std::string_view name : names_read(node)) {
    if (tensors.contains(name)) return true;
  }
  return false;
}

NodeList select(const SelectorInput& input) {
  const auto& nodes = input.graph.proto().node();
  Names after = {input.arguments[0]};
  for (const onnx::NodeProto& node : nodes) {
    if (reads_any(node, after)) after.insert(node.output().begin(), node.output().end());
  }
  std::unordered_set<const onnx::NodeProto*> found;
  Names before = {input.arguments[1]};
  for (int i = nodes.size() - 1; i >= 0; --i) {
    const onnx::NodeProto& node = nodes[i];
    bool leads_there = false;
    for (const std::string& output : node.output()) {
      leads_there = leads_there || before.contains(output);
    }
    if (!leads_there) continue;
    for (const std::string_view name : names_read(node)) {
      if (name != input.arguments[0]) before.insert(name);
    }
    if (reads_any(node, after)) found.insert(&node);
  }
  return filtered(input.candidates,
                  [&](const onnx::NodeProto& node) { return found.contains(&node); });
}

}  // namespace

const Selector& between_selector() {
  static const Selector kSelector = {
      .word = "between",
      .form = "between=TENSOR->TENSOR",
      .help = "nodes on the ways from the first tensor to the second",
      .arguments = SelectorArguments::kTwo,
      .separator = "->",
      .select = select,
      .vocabulary = tensor_names,
      .noun = "tensor",
  };
  return kSelector;
}

}  // namespace octavo
