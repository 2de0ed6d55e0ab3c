// A BatchNormalization that has no layer to fold into becomes part of the layer behind it, or
// arithmetic that runtimes have integer kernels for.
//
//     n = BatchNormalization(x, g, b, m, v)        y = Conv(x, w', conv_bias)
//     y = Conv(n, w) "conv"                   =>
//
//     n = BatchNormalization(x, g, b, m, v)        n_scaled = Mul(x, n_scale)
//     y = Relu(n)                             =>   n = Add(n_scaled, n_shift)
//                                                  y = Relu(n)
//
// The first where one Conv, Gemm or MatMul alone reads n and pads nothing: zeros that a Conv pads
// with are not normalized. Else the second, where the rank of x is known.
// Refuses: training mode; parameters that are no constants; an unknown rank.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_lower_batchnorm(const PassContext& context);

}  // namespace octavo
