// Takes a constant out of each channel of a tensor, and puts what it was worth into the biases of
// the layers that read it: a channel that lies between 3 and 9 needs no codes for 0 to 3.
//
//   before: y = W1 x + b1,        z = W2 y + b2             channel of y: between 3 and 9
//   after:  y' = W1 x + b1 - c,   z = W2 y' + (b2 + W2 c)   c = 6: between -3 and 3
//
// Between two layers without an activation (linear bottlenecks, and residual sums of them) that is
// exact for every c. The widest channel of a tensor is centred, the others come as near their means
// as that leaves room for: one symmetric scale a tensor then covers half the width of its widest
// channel, not its distance from 0, and weights are multiplied with as little as can be. Where
// tensors are sums of others, not all wishes are met; they come as close as they get, each by its
// own size.
// Behind a Relu, LeakyRelu or Clip it is exact where all that the channel's pre-activation takes
// stays within what passes, before and after; how far it may go is what it took on the samples, and
// a margin.
//
// Up to two proposals: without channels of activations, which no input can make wrong, and with
// them. Computed in double, rounded once. Tensors whose values change get another name: y_absorbed.
// Refuses channels that something else reads: a layer that pads with zeros (its border would be
// wrong), ConvTranspose, MatMul (it has no bias), a gate, an output of the model.
// Source: Nagel et al. 2019 (arXiv 1906.04721), section 4.1.3, whose c is mean - 3 sigma, behind a
// Relu alone.
#pragma once

#include <vector>

#include "repair/repair.h"

namespace octavo {

std::vector<FloatProposal> propose_absorb(const RepairTask& task);

}  // namespace octavo
