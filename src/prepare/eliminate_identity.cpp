//   before                           after
//   b = Identity(a); c = Relu(b)     c = Relu(a)
//
// Identity, and Dropout as it is in inference. Refuses: a result that is a graph output (its name
// would be lost) unless the node before makes only that, a mask that somebody reads.
#include "model/attributes.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

bool does_nothing(const onnx::NodeProto& node, const Graph& graph) {
  if (!in_default_domain(node)) return false;
  if (node.op_type() == "Identity") return true;
  if (node.op_type() != "Dropout") return false;
  // Opset 12 on: a third input can switch training on.
  if (!input_or_empty(node, 2).empty()) return false;
  return node.output_size() < 2 ||
         (graph.uses(node.output(1)).empty() && !graph.is_output(node.output(1)) &&
          !graph.used_in_subgraph(node.output(1)));
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  onnx::GraphProto& proto = *model.mutable_graph();
  NodeSet erased;
  std::unordered_map<std::string, std::string> reads;              // result -> what it repeats
  std::unordered_map<const onnx::NodeProto*, std::string> makers;  // node -> its output's new name
  {
    const Graph graph(proto);
    for (const onnx::NodeProto& node : proto.node()) {
      if (!does_nothing(node, graph)) continue;
      const std::string& input = node.input(0);
      const std::string& output = node.output(0);
      if (!graph.is_output(output)) {
        reads.emplace(output, input);
        erased.insert(&node);
        continue;
      }
      // The maker can make the graph output itself if nothing else needs its own name.
      const onnx::NodeProto* maker = graph.producer(input);
      if (maker == nullptr || graph.only_consumer(input) != &node || erased.contains(maker)) {
        context.refusals.push_back({node.name(), "its result is a graph output"});
        continue;
      }
      makers.emplace(maker, output);
      erased.insert(&node);
    }
  }
  for (onnx::NodeProto& node : *proto.mutable_node()) {
    const auto found = makers.find(&node);
    if (found == makers.end()) continue;
    for (std::string& output : *node.mutable_output()) {
      for (const onnx::NodeProto* gone : erased) {
        if (gone->output(0) == found->second && gone->input(0) == output) output = found->second;
      }
    }
  }
  erase_nodes(proto, erased);
  rename_reads(proto, reads);
  return erased.size();
}

}  // namespace

const Pass& eliminate_identity_pass() {
  static const Pass kPass = {"eliminate_identity",
                             "removes Identity, and Dropout as it is in inference", run};
  return kPass;
}

}  // namespace octavo
