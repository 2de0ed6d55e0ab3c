#include "rewrite/additions_apart.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/graph.h"

namespace octavo {
namespace {

bool is_read_by(const Graph& graph, const std::string& tensor,
                std::span<const std::string> readers) {
  return std::ranges::any_of(graph.uses(tensor), [&](const Use& use) {
    return use.input == 0 && in_default_domain(*use.node) &&
           std::ranges::find(readers, use.node->op_type()) != readers.end();
  });
}

}  // namespace

Model with_additions_apart(Model model, std::span<const std::string> readers) {
  onnx::GraphProto& proto = *model.mutable_proto().mutable_graph();
  const Graph graph(proto);
  std::vector<onnx::NodeProto*> additions;
  for (onnx::NodeProto& node : *proto.mutable_node()) {
    const bool is_addition = node.op_type() == "Add" && in_default_domain(node) &&
                             node.output_size() == 1 && is_read_by(graph, node.output(0), readers);
    if (is_addition) additions.push_back(&node);
  }
  for (onnx::NodeProto* node : additions) node->set_op_type("Sum");
  if (!additions.empty()) check_model(model, "additions apart");
  return model;
}

}  // namespace octavo
