// From a budget to the value that a metric must keep.
#pragma once

#include "octavo/quantize.h"
#include "search/accuracy_drop.h"

namespace octavo {

// The worst value of the metric, on that half, that is within the budget. Throws
// Error(kInvalidArgument) where the float model itself is below what is asked for.
double budget_limit(const AccuracyBudget& budget, const AccuracyDrop& accuracy, DataHalf half);

}  // namespace octavo
