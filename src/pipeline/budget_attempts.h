// Ways to lose less accuracy without keeping a layer float, from the cheapest on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/coverage.h"
#include "pipeline/decide.h"
#include "pipeline/repair_judge.h"

namespace octavo {

struct BudgetAttempt {
  // What `task` refers to, where it is not what the first model's task referred to.
  std::unique_ptr<QuantizeOptions> options;
  std::unique_ptr<Decided> decided;
  std::unique_ptr<Repaired> repaired;  // null: no repair of codes
  std::unique_ptr<CoverageTask> task;
  PlannedModel planned;
  std::vector<std::string> changes;  // against what was asked for: "calibrator mse", ...
};

struct PlannedAttempt {
  std::string name;  // what the search's history calls it
  std::function<BudgetAttempt()> make;
};

// For a recipe that asked for another, the target's own scheme; then, with a judge, that scheme
// with adaptive rounding and bias correction. What `first` left in float stays so. `task`, `first`
// and `judge` (null: there are no data to repair on) outlive the attempts.
std::vector<PlannedAttempt> budget_attempts(const CoverageTask& task, const Plan& first,
                                            const RepairJudge* judge);

}  // namespace octavo
