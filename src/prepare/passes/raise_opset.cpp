#include "prepare/passes/raise_opset.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "model/name_pool.h"
#include "prepare/known_types.h"
#include "prepare/opset_adapters.h"

namespace octavo {
namespace {

using Nodes = std::vector<onnx::NodeProto>;

struct Versions {
  int from = 0;
  int to = 0;
};

// `node` in every version in turn; none if it is valid in the last as it is.
std::optional<Nodes> raised_node(const AdapterContext& context, const onnx::NodeProto& node,
                                 Versions versions) {
  Nodes current = {node};
  bool changed = false;
  for (int version = versions.from + 1; version <= versions.to; ++version) {
    Nodes next;
    for (onnx::NodeProto& older : current) {
      Nodes newer = adapt(context, older, version);
      changed |= !newer.empty();
      if (newer.empty()) newer.push_back(std::move(older));
      std::move(newer.begin(), newer.end(), std::back_inserter(next));
    }
    current = std::move(next);
  }
  return changed ? std::optional(std::move(current)) : std::nullopt;
}

// Raises the bodies below `node`, in place. Was there anything to do?
bool raise_bodies(onnx::NodeProto& node, NamePool& names, Versions versions) {
  bool changed = false;
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    std::vector<onnx::GraphProto*> bodies;
    if (attribute.has_g()) bodies.push_back(attribute.mutable_g());
    for (onnx::GraphProto& graph : *attribute.mutable_graphs()) bodies.push_back(&graph);
    for (onnx::GraphProto* body : bodies) {
      const onnx::GraphProto before = *body;
      const Graph graph(before);
      const KnownTypes types(graph);
      body->clear_node();
      for (onnx::NodeProto inner : before.node()) {
        changed |= raise_bodies(inner, names, versions);
        auto raised = raised_node({graph, types, names}, inner, versions);
        changed |= raised.has_value();
        if (!raised) raised = Nodes{std::move(inner)};
        for (onnx::NodeProto& made : *raised) *body->add_node() = std::move(made);
      }
    }
  }
  return changed;
}

}  // namespace

PassPlan plan_raise_opset(const PassContext& context) {
  const Versions versions = {context.model.opset(), context.options.opset};
  PassPlan plan;
  if (versions.from >= versions.to) return plan;
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    onnx::NodeProto copy = node;
    const bool has_new_bodies = raise_bodies(copy, names, versions);
    auto raised = raised_node({context.graph, types, names}, copy, versions);
    if (!raised && !has_new_bodies) continue;
    if (!raised) raised = Nodes{std::move(copy)};
    plan.edits.replace(node, std::move(*raised));
    plan.changed(node, fmt::format("{} is written for opset {}", node.op_type(), versions.to));
  }
  plan.edits.set_opset(versions.to);
  plan.changes.push_back({"", fmt::format("opset {} becomes {}", versions.from, versions.to)});
  return plan;
}

}  // namespace octavo
