// Rounds each weight up or down, whichever changes the layer's output less, instead of to the
// nearest code.
//
//   nearest: q = round(w / scale)        error of the output: (v - w)^T E[x x^T] (v - w), v = q
//   scale after:   q = floor or ceil           chosen together, so that errors cancel in the output
//
// The error of a layer's output is a quadratic form of its weights: the second moments of its input
// are all that the choice depends on, measured once and in fixed memory, and no gradient descent
// over samples is needed. Layers go from the input on; each reads what the layers before it,
// already rounded, really give it, and aims at what the float network computes there, so that it
// makes up for part of their error. The bias takes up what shift is left. Source: Nagel et al. 2020
// (arXiv 2004.10568): the objective is equation (13) with the asymmetric target of section 4;
// solved as in round_weights.h, not by its relaxation.
//
// Refuses layers whose weights are not constant codes or are shared, ConvTranspose, and a Gemm that
// transposes its input.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "repair/layer_waves.h"
#include "repair/repaired.h"
#include "repair/visit_layers.h"

namespace octavo {

RepairResult repair_adaround(const RepairTask& task, Repaired before);

// The same for `layers` alone, in `stages` that have come as far as them; the layers of `behind`
// come later. Their weights and biases must be those of the reference.
RepairResult round_adaptively(const RepairTask& task, Repaired before, const LayerWaves& layers,
                              BothStages& stages, const std::set<std::string, std::less<>>& behind);

}  // namespace octavo
