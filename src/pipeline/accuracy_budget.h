// Keeps layers float until a model's accuracy is within its budget.
#pragma once

#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "pipeline/coverage.h"

namespace octavo {

struct BudgetedModel {
  PlannedModel planned;
  BudgetOutcome outcome;
};

// Begins with `first`, which coverage chose. If it drops too much, its layers are kept float in the
// order of their sensitivity, as search_budget() finds; the same statistics serve every candidate.
BudgetedModel keep_budget(const CoverageTask& task, PlannedModel first,
                          const AccuracyBudget& budget, const Executor& executor);

}  // namespace octavo
