// Scales of input channels that keep the weights apart that matter most, for weights in blocks.
//
//   before: y = Q(W) x                    a channel of large inputs is rounded like any other
//   after:  y = Q(W diag(s)) (x / s)      s_c = rms(x_c)^alpha: its weights get finer steps
//
// alpha is searched on a grid for every tensor that layers read, by the error of all their outputs:
// tr(D^T E[x x^T] D), D = Q(W diag(s)) / s - W. The division of x is folded into what makes x where
// that is exact (input_scaling.h); where nothing can take it, a Mul is added if the error falls by
// a fifth at least. Computed in double, rounded once. Source: Lin et al. 2023 (AWQ, arXiv
// 2306.00978), section 3.2, equations (4) and (5); with the root mean square in the place of the
// mean magnitude, because second moments are what is measured.
//
// Refuses what input_scaling.h does not see, and layers of other operators than Gemm and MatMul.
#pragma once

#include "repair/repaired_weights.h"

namespace octavo {

WeightRepairResult repair_awq(const WeightRepairTask& task, RepairedWeights before);

}  // namespace octavo
