#include "prepare/constant_operand.h"

#include <utility>

#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {

std::optional<ConstantOperation> constant_operation(const Graph& graph, const onnx::NodeProto& node,
                                                    std::string_view op_type) {
  if (!is_operator(node, op_type, 2)) return std::nullopt;
  const int index = graph.is_constant(node.input(0)) ? 0 : 1;
  if (graph.is_initializer(node.input(1 - index))) return std::nullopt;
  auto constant = constant_tensor(graph, node.input(index));
  if (!constant || traits(constant->dtype()).kind != DTypeKind::kFloat) return std::nullopt;
  return ConstantOperation{node.input(1 - index), node.input(index), std::move(*constant)};
}

}  // namespace octavo
