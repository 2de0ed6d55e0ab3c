// The fastest model that keeps an accuracy budget.
#pragma once

#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "pipeline/budget_attempts.h"
#include "pipeline/coverage.h"

namespace octavo {

struct BudgetedModel {
  PlannedModel planned;
  BudgetOutcome outcome;
};

struct BudgetTask {
  const CoverageTask& coverage;
  const std::vector<PlannedAttempt>& attempts;
  const AccuracyBudget& budget;
  const Executor& executor;
  const Sample& sample;  // what latency is measured with
};

// Begins with `first`, which coverage chose. While it drops too much, the attempts are made, in
// order. If none is within the budget, layers are kept float in the order of their sensitivity, as
// search_budget() finds, in the two schemes that lost least; the same statistics serve every
// candidate. All of that takes at most most_evaluations() of the search half. Of the candidates
// within the budget, those with the fewest layers in float are timed in turns, and the fastest is
// what comes out; where the target does not run here, the one with the fewest.
BudgetedModel keep_budget(const BudgetTask& task, PlannedModel first);

}  // namespace octavo
