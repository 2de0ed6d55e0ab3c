// From a budget to what a model may lose.
#pragma once

#include "octavo/quantize.h"
#include "search/accuracy_drop.h"

namespace octavo {

// Points of a metric that has none of its own (sqnr, kl, mse, cosine) are answers that are expected
// to be lost; everything else is told by the metric.
LossMeasure loss_measure(const AccuracyBudget& budget);

// The worst value of the metric, on that half, that is within the budget; measured in answers that
// are expected to be lost, the largest share of them. Throws Error(kInvalidArgument) where the
// float model itself is below what is asked for.
double budget_limit(const AccuracyBudget& budget, const AccuracyDrop& accuracy, DataHalf half);

// What may be lost of that half, as CandidateAccuracy tells it.
double most_lost(const AccuracyBudget& budget, const AccuracyDrop& accuracy, DataHalf half);

}  // namespace octavo
