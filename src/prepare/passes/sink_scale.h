// A multiplication by one number moves down into the weights of all the layers that read it,
// through operators that it passes unchanged.
//
//     s = Mul(x, sixth)                        p = GlobalAveragePool(x)
//     p = GlobalAveragePool(s)            =>   g = Conv(p, w')
//     g = Conv(p, w)                           m = Mul(x, g)
//     m = Mul(s, g)                            y = Conv(m, v')
//     y = Conv(m, v)                           w' = w * sixth, v' = v * sixth
//
// So the 1/6 of a hard-swish costs nothing. Only one number for the whole tensor moves: it leaves
// the ratios of the weights, and so their quantization, as they were. Padding stays exact, as 0
// times anything is 0. Computed in double, rounded once. Tensors on the way, whose values change,
// get a new name: p_unscaled.
//
// Layers are Conv, ConvTranspose, Gemm and MatMul. Passed are GlobalAveragePool, AveragePool,
// Flatten, Reshape, Transpose, Squeeze, Unsqueeze, Identity, Mul with a tensor that is not scaled
// itself, and, by a positive number, Relu, LeakyRelu, MaxPool and GlobalMaxPool.
// Leaves a scale that reaches anything else, an output of the graph, or a body: no part of it is
// worth moving then.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_sink_scale(const PassContext& context);

}  // namespace octavo
