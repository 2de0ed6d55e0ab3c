// Takes the shift that quantization gives a layer's output back out of its bias.
//
//   before                                    after
//   y = Conv(x, w, b)   in float: mean m_c     y = Conv(x, w, b + (m_c - q_c))
//                       in codes: mean q_c     in codes: mean m_c
//
// Rounding weights moves the mean of each output channel, depthwise layers' most of all: few
// weights, so the errors do not cancel. The means are measured, over samples and positions, layer
// by layer from the input on, so that each layer's mean already counts what the layers before it
// still do. Source: Nagel et al. 2019 (arXiv 1906.04721), section 4.2 and appendix D (the empirical
// form).
//
// Refuses layers whose weights are not constant codes or are shared, MatMul (it has no bias), and
// what would leave the bias' int32.
#pragma once

#include "repair/repaired.h"

namespace octavo {

// Runs up to 32 samples of task.data, evenly spread, once in float and twice through each layer in
// codes. Differences are drawn towards zero by their uncertainty (channel_means.h).
// Throws Error(kInvalidData) without samples, and what the runtime throws.
RepairResult repair_bias(const RepairTask& task, Repaired before);

}  // namespace octavo
