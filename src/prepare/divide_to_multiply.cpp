//   before             after
//   y = Div(x, c)      y = Mul(x, 1/c)       c constant, float32
//
// Runtimes have integer kernels for Mul and none for Div. The reciprocal is rounded once, so
// results move by at most one unit in the last place. Refuses: a divisor with a 0, or whose
// reciprocal is not a normal float.
#include <cmath>

#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

std::optional<Tensor> reciprocal(const Tensor& divisor) {
  Tensor result = divisor;
  for (float& value : result.mutable_as<float>()) {
    value = static_cast<float>(1.0 / static_cast<double>(value));
    if (!std::isnormal(value)) return std::nullopt;
  }
  return result;
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  onnx::GraphProto& proto = *model.mutable_graph();
  std::vector<std::pair<int, Tensor>> matches;
  {
    const Graph graph(proto);
    for (int i = 0; i < proto.node_size(); ++i) {
      const onnx::NodeProto& node = proto.node(i);
      if (node.op_type() != "Div" || !in_default_domain(node)) continue;
      const auto divisor = float_constant(graph, node.input(1));
      if (!divisor) continue;
      if (auto factor = reciprocal(*divisor)) {
        matches.emplace_back(i, *std::move(factor));
      } else {
        context.refusals.push_back({node.name(), "the divisor has no normal reciprocal"});
      }
    }
  }
  for (const auto& [index, factor] : matches) {
    onnx::NodeProto& node = *proto.mutable_node(index);
    node.set_op_type("Mul");
    node.set_input(1, add_initializer(proto, factor, node.input(1) + "_reciprocal"));
  }
  return matches.size();
}

}  // namespace

const Pass& divide_to_multiply_pass() {
  static const Pass kPass = {"divide_to_multiply",
                             "turns division by a constant into multiplication", run};
  return kPass;
}

}  // namespace octavo
