//   before                          after
//   m = MatMul(x, w); y = Add(m, b)  y = Gemm(x, w, b)       w [K, N] and b [N] or [1, N] constant
//
// One integer kernel with an int32 bias instead of two. The Gemm keeps the MatMul's name. Refuses:
// an x whose rank is not known to be 2, a product that something else reads, any other bias.
#include "model/attributes.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

struct Match {
  const onnx::NodeProto* matmul = nullptr;
  const onnx::NodeProto* add = nullptr;
  std::string bias;
};

std::optional<std::size_t> rank_of(std::string_view tensor, const Graph& graph) {
  if (const auto* info = graph.value_info(tensor)) {
    if (info->type().tensor_type().has_shape()) {
      return static_cast<std::size_t>(info->type().tensor_type().shape().dim_size());
    }
  }
  const onnx::NodeProto* producer = graph.producer(tensor);
  if (producer == nullptr) return std::nullopt;
  if (producer->op_type() == "Flatten" || producer->op_type() == "Gemm") return 2;
  if (producer->op_type() == "Relu") return rank_of(producer->input(0), graph);
  if (producer->op_type() != "Reshape") return std::nullopt;
  const onnx::TensorProto* shape = graph.initializer(input_or_empty(*producer, 1));
  if (shape == nullptr || shape->dims_size() != 1) return std::nullopt;
  return static_cast<std::size_t>(shape->dims(0));
}

// Empty if they fuse into `match`; otherwise why not.
std::string examine(const onnx::NodeProto& matmul, const Graph& graph, Match& match) {
  const onnx::NodeProto* add = graph.only_consumer(matmul.output(0));
  if (add == nullptr || add->op_type() != "Add" || !in_default_domain(*add)) {
    return "no Add after it alone";
  }
  const std::string& bias = add->input(add->input(0) == matmul.output(0) ? 1 : 0);
  const auto weight = float_constant(graph, matmul.input(1));
  const auto values = float_constant(graph, bias);
  if (!weight || !values || weight->shape().size() != 2) return "weight or bias is not constant";
  const Shape& shape = values->shape();
  const bool one_row = shape.size() == 1 || (shape.size() == 2 && shape[0] == 1);
  if (!one_row || shape.back() != weight->shape()[1]) return "the Add is no bias";
  if (rank_of(matmul.input(0), graph) != 2) return "its input is not known to have two dimensions";
  match = {&matmul, add, bias};
  return {};
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  onnx::GraphProto& proto = *model.mutable_graph();
  std::vector<Match> matches;
  {
    const Graph graph(proto);
    for (const onnx::NodeProto& node : proto.node()) {
      if (node.op_type() != "MatMul" || !in_default_domain(node)) continue;
      Match match;
      std::string reason = examine(node, graph, match);
      if (reason.empty()) {
        matches.push_back(std::move(match));
      } else {
        context.refusals.push_back({node.name(), std::move(reason)});
      }
    }
  }
  NodeSet fused;
  std::unordered_map<const onnx::NodeProto*, const Match*> by_matmul;
  for (const Match& match : matches) {
    fused.insert(match.add);
    by_matmul.emplace(match.matmul, &match);
  }
  for (onnx::NodeProto& node : *proto.mutable_node()) {
    const auto found = by_matmul.find(&node);
    if (found == by_matmul.end()) continue;
    node.set_op_type("Gemm");
    node.add_input(found->second->bias);
    node.set_output(0, found->second->add->output(0));
  }
  erase_nodes(proto, fused);
  return matches.size();
}

}  // namespace

const Pass& fuse_matmul_add_pass() {
  static const Pass kPass = {"fuse_matmul_add", "makes a MatMul and its bias one Gemm", run};
  return kPass;
}

}  // namespace octavo
