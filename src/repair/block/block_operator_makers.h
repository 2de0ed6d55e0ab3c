// What block_operator_list.inc refers to. Each returns null for a form that it does not know.
#pragma once

#include <memory>

#include "model/graph.h"
#include "repair/block/block_operator.h"

namespace octavo {

using MakeBlockOperator = std::unique_ptr<BlockOperator>(const Graph& graph,
                                                         const onnx::NodeProto& node);

// activations.cpp: element by element.
MakeBlockOperator make_clip;
MakeBlockOperator make_hard_sigmoid;
MakeBlockOperator make_hard_swish;
MakeBlockOperator make_leaky_relu;
MakeBlockOperator make_relu;
MakeBlockOperator make_sigmoid;

// joins.cpp: several tensors become one. Operands of Add and Mul broadcast.
MakeBlockOperator make_add;
MakeBlockOperator make_concat;
MakeBlockOperator make_mul;

// convolution.cpp: of one or two spatial dimensions, with constant weights.
MakeBlockOperator make_convolution;

// product.cpp: Gemm without transA and MatMul, with constant weights of rank 2.
MakeBlockOperator make_product;

// averages.cpp
MakeBlockOperator make_global_average;

}  // namespace octavo
