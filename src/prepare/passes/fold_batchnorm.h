// A BatchNormalization folds into the Conv, ConvTranspose, Gemm or MatMul that feeds it.
//
//     c = Conv(x, w) "conv"                            y = Conv(x, w', conv_bias) "conv"
//     y = BatchNormalization(c, g, b, m, v) "bn"  =>
//
//     w' = w * s, bias' = (bias - m) * s + b, s = g / sqrt(v + epsilon), channel by channel, in
//     double.
//
// A MatMul becomes a Gemm for the bias; its result must be known to be a matrix.
// Refuses: training mode; parameters or weights that are no constants; a result of the first node
// that something else reads, or that is an output of the graph; a MatMul of another or unknown
// rank; parameters that are not one a channel; folded weights that leave their type's range.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_fold_batchnorm(const PassContext& context);

}  // namespace octavo
