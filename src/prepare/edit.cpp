#include "prepare/edit.h"

#include <algorithm>
#include <utility>

#include "model/tensor_proto.h"

namespace octavo {

void erase_nodes(onnx::GraphProto& graph, const NodeSet& nodes) {
  if (nodes.empty()) return;
  auto& list = *graph.mutable_node();
  int kept = 0;
  for (int i = 0; i < list.size(); ++i) {
    if (nodes.contains(&list[i])) continue;
    // Swapping moves pointers within the list, not messages: the set stays valid.
    if (i != kept) list.SwapElements(i, kept);
    ++kept;
  }
  list.DeleteSubrange(kept, list.size() - kept);
}

void rename_reads(onnx::GraphProto& graph,
                  const std::unordered_map<std::string, std::string>& names) {
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (std::string& input : *node.mutable_input()) {
      // A chain of renames ends at a name that is no key.
      for (auto found = names.find(input); found != names.end(); found = names.find(input)) {
        input = found->second;
      }
    }
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) rename_reads(*attribute.mutable_g(), names);
      for (onnx::GraphProto& body : *attribute.mutable_graphs()) rename_reads(body, names);
    }
  }
}

std::string add_initializer(onnx::GraphProto& graph, const Tensor& tensor,
                            const std::string& wanted) {
  const auto taken = [&](const std::string& name) {
    const auto has = [&](const auto& list) {
      return std::any_of(list.begin(), list.end(),
                         [&](const auto& entry) { return entry.name() == name; });
    };
    if (has(graph.initializer()) || has(graph.input())) return true;
    return std::any_of(graph.node().begin(), graph.node().end(), [&](const auto& node) {
      return std::find(node.output().begin(), node.output().end(), name) != node.output().end();
    });
  };
  std::string name = wanted;
  for (int suffix = 1; taken(name); ++suffix) name = wanted + "_" + std::to_string(suffix);
  *graph.add_initializer() = tensor_to_proto(tensor, name);
  return name;
}

std::optional<Tensor> float_constant(const Graph& graph, std::string_view name) {
  if (!graph.is_constant(name)) return std::nullopt;
  const onnx::TensorProto& proto = *graph.initializer(name);
  if (proto.data_type() != onnx::TensorProto::FLOAT) return std::nullopt;
  return tensor_from_proto(proto);
}

}  // namespace octavo
