// Scales channels so that the weights of neighbouring layers use their ranges alike: what one row
// of a layer has too much of, the columns that read it have too little.
//
//   before: y = Relu(W1 x + b1),  z = W2 y          row c of W1: up to r1, column c of W2: up to r2
//   after:  y' = Relu(S W1 x + S b1),  z = W2 S^-1 y'    s_c = sqrt(r2 / r1): both up to sqrt(r1
//   r2)
//
// For every class of channel_classes(): depthwise and grouped Conv, residual additions, Concat and
// gates among them. Repeated over all classes until nothing moves. No channel grows beyond the
// largest one of its tensor on the samples, so that no activation's range does: without that limit
// a channel of small weights and a large bias spoils the range of all others. Computed in double,
// rounded once. Tensors whose values change get another name: y_equalized.
// Source: Nagel et al. 2019 (arXiv 1906.04721), section 4.1, equation (11); the limit stands in for
// its absorption of high biases (4.1.3), which is absorb.h.
//
// Up to three proposals. The one above leaves channels alone that a Clip bounds from above (ReLU6).
// Another, exact too, makes the first-order noise of weights and activations small instead of
// balancing ranges (balance_noise.h), and gives each channel of a Clip its own bound
// (flip_clips.h). The last scales those channels that stay below the bound on all samples, up to
// the bound: the Clip does nothing to them before and after, as far as the samples tell, which
// measurement has to confirm.
#pragma once

#include <vector>

#include "repair/repair.h"

namespace octavo {

std::vector<FloatProposal> propose_equalize(const RepairTask& task);

}  // namespace octavo
