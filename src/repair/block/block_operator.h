// The operators that block-wise reconstruction can send an error back through, each with its
// derivative written out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "model/graph.h"
#include "octavo/tensor.h"

namespace octavo {

// Float32 tensors of one sample, in the order of the node's inputs. Null: the input is absent.
using OperatorInputs = std::span<const Tensor* const>;
// Of the inputs' shapes; gradients are added to them. Null: not wanted.
using OperatorGradients = std::span<Tensor* const>;

// One node, its attributes read. Safe to use from several threads.
class BlockOperator {
 public:
  BlockOperator() = default;
  BlockOperator(const BlockOperator&) = delete;
  BlockOperator& operator=(const BlockOperator&) = delete;
  virtual ~BlockOperator() = default;

  virtual Tensor forward(OperatorInputs inputs) const = 0;
  // `output` is what forward() made of `inputs`, `gradient` the derivative of the error by it.
  virtual void backward(OperatorInputs inputs, const Tensor& output, const Tensor& gradient,
                        OperatorGradients gradients) const = 0;
};

// Null for an operator, or a form of one, that has no derivative here.
std::unique_ptr<BlockOperator> make_block_operator(const Graph& graph, const onnx::NodeProto& node);

// Does each element of the result depend on the one element at its place?
bool is_elementwise(std::string_view op_type);

}  // namespace octavo
