// Keeps layers float until a model's accuracy is within its budget.
#pragma once

#include <vector>

#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "pipeline/budget_attempts.h"
#include "pipeline/coverage.h"

namespace octavo {

struct BudgetedModel {
  PlannedModel planned;
  BudgetOutcome outcome;
};

// Begins with `first`, which coverage chose. While it drops too much, the attempts are made, in
// order; the one that drops least is what the search goes on with. If that is still too much, its
// layers are kept float in the order of their sensitivity, as search_budget() finds; the same
// statistics serve every candidate.
BudgetedModel keep_budget(const CoverageTask& task, PlannedModel first,
                          const std::vector<MakeAttempt>& attempts, const AccuracyBudget& budget,
                          const Executor& executor);

}  // namespace octavo
