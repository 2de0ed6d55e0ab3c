#include "prepare/passes/merge_duplicates.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "model/attributes.h"

namespace octavo {
namespace {

// Random operators, and Constant nodes.
constexpr std::array<std::string_view, 8> kLeft = {
    "Bernoulli",    "Constant",         "Dropout",       "Multinomial",
    "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"};

bool is_deterministic(const onnx::NodeProto& node) {
  return in_default_domain(node) && subgraphs(node).empty() &&
         std::find(kLeft.begin(), kLeft.end(), node.op_type()) == kLeft.end();
}

// Everything that decides what a node computes: equal texts, equal results.
std::string what_it_computes(const onnx::NodeProto& node) {
  onnx::NodeProto key = node;
  key.clear_name();
  key.clear_doc_string();
  key.clear_metadata_props();
  std::sort(key.mutable_attribute()->begin(), key.mutable_attribute()->end(),
            [](const auto& left, const auto& right) { return left.name() < right.name(); });
  // Which outputs are wanted matters, their names do not.
  for (std::string& output : *key.mutable_output()) output = output.empty() ? "" : "1";
  return key.SerializeAsString();
}

bool is_known_outside(const Graph& graph, const onnx::NodeProto& node) {
  const auto& outputs = node.output();
  return std::any_of(outputs.begin(), outputs.end(), [&](const std::string& output) {
    return graph.is_output(output) || graph.used_in_subgraph(output);
  });
}

}  // namespace

PassPlan plan_merge_duplicates(const PassContext& context) {
  PassPlan plan;
  std::unordered_map<std::string, const onnx::NodeProto*> seen;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!is_deterministic(node)) continue;
    const auto [first, is_new] = seen.emplace(what_it_computes(node), &node);
    if (is_new) continue;
    if (is_known_outside(context.graph, node)) {
      plan.refused(node, "its result, that of " + describe(*first->second) +
                             ", is an output or read by a body");
      continue;
    }
    for (int i = 0; i < node.output_size(); ++i) {
      if (!node.output(i).empty()) plan.edits.redirect(node.output(i), first->second->output(i));
    }
    plan.edits.remove(node);
    plan.changed(node, "computed the same as " + describe(*first->second));
  }
  return plan;
}

}  // namespace octavo
