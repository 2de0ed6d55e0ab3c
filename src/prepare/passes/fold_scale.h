// Arithmetic with one constant a channel folds into the weights and bias of the node before it.
//
//     c = Conv(x, w, b)                        y = Conv(x, w', b')
//     y = Mul(c, k)                       =>   w' = w * k, b' = b * k
//
// Mul: w * k, b * k.  Div by k: w / k, b / k.  Add: b + k.  Sub of k: b - k.  Sub from k: -w, k -
// b. After Conv, ConvTranspose and Gemm; after MatMul only Mul and Div (see fuse_matmul_add for
// Add). k is one number, or one a channel: shape [C,1,1] after a 2-D Conv, [N] after a MatMul or
// Gemm. Computed in double, rounded once. Refuses: a first result that something else reads, or
// that is an output of the graph; weights or bias that are no constants; folded weights that leave
// their type's range (Div by 0).
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_fold_scale(const PassContext& context);

}  // namespace octavo
