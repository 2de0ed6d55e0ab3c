#include "prepare/passes/divide_to_multiply.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

// None if an element has no normal reciprocal.
std::optional<Tensor> reciprocal(const Tensor& divisor) {
  std::vector<double> values = to_doubles(divisor);
  for (double& value : values) value = 1 / value;
  auto result = from_doubles(divisor.dtype(), divisor.shape(), values);
  for (std::size_t i = 0; result && i < result->size(); ++i) {
    if (!std::isnormal(static_cast<float>(result->at(i)))) return std::nullopt;
  }
  return result;
}

}  // namespace

PassPlan plan_divide_to_multiply(const PassContext& context) {
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!is_operator(node, "Div", 2)) continue;
    const auto divisor = constant_tensor(context.graph, node.input(1));
    if (!divisor || traits(divisor->dtype()).kind != DTypeKind::kFloat) continue;
    const auto factor = reciprocal(*divisor);
    if (!factor) {
      plan.refused(node, "the divisor '" + node.input(1) + "' has no normal reciprocal");
      continue;
    }
    const std::string name = names.take(node.input(1) + "_reciprocal");
    plan.edits.set_initializer(tensor_to_proto(*factor, name));
    onnx::NodeProto product = node;
    product.set_op_type("Mul");
    product.set_input(1, name);
    plan.edits.replace(node, {std::move(product)});
    plan.changed(node, "Div by a constant is a Mul now");
  }
  return plan;
}

}  // namespace octavo
