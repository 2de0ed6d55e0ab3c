// Moves the outliers of activations into the weights that they are multiplied with: a few channels
// many times larger than the others leave those hardly any codes of a tensor's one scale.
//
//   before: y = W x            after: y = (W diag(s)) (x / s)
//   s_c = max|x_c|^alpha / max|W_c|^(1 - alpha), around 1
//
// alpha is searched for every tensor that layers read: 0, 0.1, ... 1, by the error of all their
// outputs with 8-bit activations (one scale, the range of the samples) and 8-bit weights (a scale a
// channel). The division is folded into what makes x, so that the float model computes what it did
// (input_scaling.h); tensors that nothing can be folded into stay as they are. Computed in double,
// rounded once. Source: Xiao et al. 2022 (SmoothQuant, arXiv 2211.10438), section 4, equation (4).
#pragma once

#include <vector>

#include "repair/repair.h"

namespace octavo {

// One proposal, exact.
std::vector<FloatProposal> propose_smooth(const RepairTask& task);

}  // namespace octavo
