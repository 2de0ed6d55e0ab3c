// Products of matrices, and of tensors.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

Forward gemm(const OperatorNode& node) {
  const float alpha = float_attribute(node.proto, "alpha", 1);
  const float beta = float_attribute(node.proto, "beta", 1);
  const bool flips_a = int_attribute(node.proto, "transA", 0) != 0;
  const bool flips_b = int_attribute(node.proto, "transB", 0) != 0;
  return [=](const Values& inputs) -> Values {
    const at::Tensor a = flips_a ? inputs[0].t() : inputs[0];
    const at::Tensor b = flips_b ? inputs[1].t() : inputs[1];
    const at::Tensor c = input_at(inputs, 2);
    if (!c.defined()) return {alpha == 1 ? at::mm(a, b) : at::mm(a, b) * alpha};
    return {at::addmm(c, a, b, beta, alpha)};
  };
}

Forward matmul(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {at::matmul(inputs[0], inputs[1])}; };
}

Forward einsum(const OperatorNode& node) {
  const std::string equation = string_attribute(node.proto, "equation", "");
  return [equation](const Values& inputs) -> Values {
    return {at::einsum(equation, on_one_device(inputs))};
  };
}

}  // namespace

std::vector<MappedOperator> products_operators() {
  return {{"Einsum", einsum}, {"Gemm", gemm}, {"MatMul", matmul}};
}

}  // namespace octavo
