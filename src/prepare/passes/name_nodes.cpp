#include "prepare/passes/name_nodes.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "model/name_pool.h"

namespace octavo {
namespace {

std::string wanted_name(const onnx::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  const auto& outputs = node.output();
  const auto named = std::find_if(outputs.begin(), outputs.end(),
                                  [](const std::string& output) { return !output.empty(); });
  return named == outputs.end() ? node.op_type() : node.op_type() + "_" + *named;
}

}  // namespace

PassPlan plan_name_nodes(const PassContext& context) {
  PassPlan plan;
  NamePool names(context.graph.proto());
  std::unordered_set<std::string> seen;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!node.name().empty() && seen.insert(node.name()).second) continue;
    onnx::NodeProto named = node;
    named.set_name(names.take(wanted_name(node)));
    plan.changes.push_back(
        {named.name(), node.name().empty() ? "had no name" : "had another node's name"});
    plan.edits.replace(node, {std::move(named)});
  }
  return plan;
}

}  // namespace octavo
