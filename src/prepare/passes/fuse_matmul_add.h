// A MatMul and the constant added to it become one Gemm, with one integer kernel and an int32 bias.
//
//     m = MatMul(x, w) "dense"            =>   y = Gemm(x, w, b) "dense"
//     y = Add(m, b)
//
// w [K, N] is constant; b is constant with one number a column, or one for all.
// Refuses: an x that is not known to be a matrix; a product that something else reads, or that is
// an output of the graph; weights that are no constants.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_fuse_matmul_add(const PassContext& context);

}  // namespace octavo
