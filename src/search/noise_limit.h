// How much noise the outputs bear: a budget in points of accuracy, kept without labels.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "octavo/metrics.h"

namespace octavo {

// The value of `metric`, which grades outputs against the float model's, at which noise changes the
// class of the share `changed` of the samples. The noise is normal, as strong for every score of
// every sample, and added to the scores of the first output (to their logarithms where they are
// probabilities: to what went into the softmax); how strong is bisected. A model whose errors are
// such noise and which keeps this value gives another class for no more samples than that, whatever
// the labels are. Deterministic. Throws Error(kInvalidData) where the first output is no scores of
// classes.
double noise_limit(const Metric& metric, std::span<const std::vector<Tensor>* const> float_outputs,
                   double changed);

}  // namespace octavo
