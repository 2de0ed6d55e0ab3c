// Takes the shift that rounding gives a layer's output out of its bias, without any data.
//
//   before                          after
//   y = Conv(x, Wq, b)              y = Conv(x, Wq, b - (Wq - W) E[x])
//
// E[x], one number a channel, is what the BatchNormalizations of the model as it was given tell of
// the layer's input (expected_means.h). Where a layer pads with zeros, its border gets a little too
// much. Source: Nagel et al. 2019 (arXiv 1906.04721), section 4.2.1.
//
// Refuses layers of whose input no means are known (the first one; behind a MaxPool; networks
// without BatchNormalization; tensors that equalization scaled), and what repair_bias refuses.
#pragma once

#include "repair/repaired.h"
#include "repair/repaired_weights.h"

namespace octavo {

// Both need task.expected, and no samples.
RepairResult repair_analytic_bias(const RepairTask& task, Repaired before);
WeightRepairResult repair_analytic_bias(const WeightRepairTask& task, RepairedWeights before);

}  // namespace octavo
