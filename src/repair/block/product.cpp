// Gemm and MatMul with constant weights.
#include <Eigen/Core>
#include <variant>

#include "model/attributes.h"
#include "prepare/linear_node.h"
#include "repair/block/block_operator_makers.h"
#include "repair/block/matrices.h"

namespace octavo {
namespace {

class Product final : public BlockOperator {
 public:
  explicit Product(const onnx::NodeProto& node)
      : transposed_(int_attribute(node, "transB", 0) != 0),
        alpha_(float_attribute(node, "alpha", 1)),
        beta_(float_attribute(node, "beta", 1)) {}

  Tensor forward(OperatorInputs inputs) const override {
    const ConstMatrixMap weights = matrix_of(*inputs[1]);
    Shape shape = inputs[0]->shape();
    shape.back() = inputs[1]->shape()[transposed_ ? 0 : 1];
    Tensor result(DType::kFloat32, shape);
    const ConstMatrixMap x = matrix_of(*inputs[0]);
    MatrixMap y = mutable_matrix_of(result);
    if (transposed_) {
      y.noalias() = alpha_ * x * weights.transpose();
    } else {
      y.noalias() = alpha_ * x * weights;
    }
    if (inputs.size() > 2 && inputs[2] != nullptr) add_bias(inputs[2]->as<float>(), y);
    return result;
  }

  void backward(OperatorInputs inputs, const Tensor& /*output*/, const Tensor& gradient,
                OperatorGradients gradients) const override {
    const ConstMatrixMap weights = matrix_of(*inputs[1]);
    const ConstMatrixMap above = matrix_of(gradient);
    if (gradients[0] != nullptr) {
      MatrixMap below = mutable_matrix_of(*gradients[0]);
      if (transposed_) {
        below.noalias() += alpha_ * above * weights;
      } else {
        below.noalias() += alpha_ * above * weights.transpose();
      }
    }
    if (gradients[1] == nullptr) return;
    const ConstMatrixMap x = matrix_of(*inputs[0]);
    MatrixMap below = mutable_matrix_of(*gradients[1]);
    if (transposed_) {
      below.noalias() += alpha_ * above.transpose() * x;
    } else {
      below.noalias() += alpha_ * x.transpose() * above;
    }
  }

 private:
  void add_bias(std::span<const float> bias, MatrixMap& y) const {
    for (Eigen::Index i = 0; i < y.cols(); ++i) {
      y.col(i).array() += beta_ * bias[bias.size() == 1 ? 0 : static_cast<std::size_t>(i)];
    }
  }

  bool transposed_;
  float alpha_;
  float beta_;
};

}  // namespace

std::unique_ptr<BlockOperator> make_product(const Graph& graph, const onnx::NodeProto& node) {
  if (int_attribute(node, "transA", 0) != 0) return nullptr;
  // A bias of another shape than one value a channel is none to as_linear_node either.
  if (!std::holds_alternative<LinearNode>(as_linear_node(graph, node))) return nullptr;
  return std::make_unique<Product>(node);
}

}  // namespace octavo
