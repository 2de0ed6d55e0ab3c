#include "prepare/passes/remove_dead.h"

#include <algorithm>
#include <ranges>
#include <string>
#include <string_view>
#include <unordered_set>

namespace octavo {
namespace {

using Names = std::unordered_set<std::string_view>;

// Every tensor that an output of the graph depends on.
Names live_tensors(const Graph& graph) {
  Names live;
  for (const auto& output : graph.proto().output()) live.insert(output.name());
  const auto is_live = [&](const std::string& tensor) {
    return !tensor.empty() && (live.contains(tensor) || graph.used_in_subgraph(tensor));
  };
  for (const onnx::NodeProto& node : graph.proto().node() | std::views::reverse) {
    if (std::none_of(node.output().begin(), node.output().end(), is_live)) continue;
    live.insert(node.output().begin(), node.output().end());
    live.insert(node.input().begin(), node.input().end());
  }
  return live;
}

}  // namespace

PassPlan plan_remove_dead(const PassContext& context) {
  const Graph& graph = context.graph;
  const Names live = live_tensors(graph);
  PassPlan plan;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const auto& outputs = node.output();
    const bool is_live = std::any_of(outputs.begin(), outputs.end(), [&](const auto& output) {
      return !output.empty() && live.contains(output);
    });
    if (is_live) continue;
    plan.edits.remove(node);
    plan.changed(node, "nothing reads its results");
  }
  for (const onnx::TensorProto& tensor : graph.proto().initializer()) {
    if (live.contains(tensor.name()) || graph.used_in_subgraph(tensor.name())) continue;
    if (graph.is_input(tensor.name())) continue;
    plan.edits.remove_initializer(tensor.name());
    plan.changes.push_back({tensor.name(), "nothing reads this constant"});
  }
  return plan;
}

}  // namespace octavo
