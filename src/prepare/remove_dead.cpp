//   before                            after
//   y = Relu(x); z = Exp(x), unused   y = Relu(x)
//
// Removes nodes whose results nobody reads, then initializers and declarations of nothing.
// Refuses nothing; graph inputs stay even where nobody reads them: callers feed them.
#include <unordered_set>

#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

bool is_read(const Graph& graph, std::string_view tensor) {
  return !graph.uses(tensor).empty() || graph.is_output(tensor) || graph.used_in_subgraph(tensor);
}

template <typename List>
std::size_t erase_if(List& list, const std::unordered_set<std::string>& names) {
  int kept = 0;
  for (int i = 0; i < list.size(); ++i) {
    if (names.contains(list[i].name())) continue;
    if (i != kept) list.SwapElements(i, kept);
    ++kept;
  }
  const int removed = list.size() - kept;
  list.DeleteSubrange(kept, removed);
  return static_cast<std::size_t>(removed);
}

std::size_t run(onnx::ModelProto& model, PassContext&) {
  onnx::GraphProto& proto = *model.mutable_graph();
  NodeSet nodes;
  std::unordered_set<std::string> initializers;
  std::unordered_set<std::string> declarations;
  {
    const Graph graph(proto);
    for (const onnx::NodeProto& node : proto.node()) {
      bool read = node.output_size() == 0;
      for (const std::string& output : node.output()) {
        read = read || (!output.empty() && is_read(graph, output));
      }
      if (!read) nodes.insert(&node);
    }
    for (const auto& tensor : proto.initializer()) {
      if (!is_read(graph, tensor.name()) && !graph.is_input(tensor.name())) {
        initializers.insert(tensor.name());
      }
    }
    for (const auto& info : proto.value_info()) {
      if (graph.producer(info.name()) == nullptr) declarations.insert(info.name());
    }
  }
  erase_nodes(proto, nodes);
  const std::size_t removed = erase_if(*proto.mutable_initializer(), initializers);
  erase_if(*proto.mutable_value_info(), declarations);
  return nodes.size() + removed;
}

}  // namespace

const Pass& remove_dead_pass() {
  static const Pass kPass = {"remove_dead", "removes nodes and initializers that nobody reads",
                             run};
  return kPass;
}

}  // namespace octavo
