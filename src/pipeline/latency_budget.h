// Spends what a latency budget leaves on accuracy.
#pragma once

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "pipeline/coverage.h"

namespace octavo {

struct LatencyBudgetedModel {
  PlannedModel planned;
  LatencyOutcome outcome;
};

// What the layers are ranked on, and what is timed.
struct LatencyData {
  const Dataset& ranking;
  const Sample& sample;
};

// Begins with `first`, the fastest that coverage found. As long as the measured latency stays
// within the budget, its layers go back to float, the most sensitive first; how many is bisected.
// Where `first` itself is too slow, it is what comes out.
LatencyBudgetedModel keep_latency(const CoverageTask& task, PlannedModel first,
                                  const LatencyBudget& budget, const LatencyData& data,
                                  const Executor& executor);

}  // namespace octavo
