#include "pipeline/budget_attempts.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "pipeline/decide.h"
#include "pipeline/repair_codes.h"
#include "pipeline/usual_scheme.h"
#include "runtime/stand_in.h"

namespace octavo {
namespace {

BudgetAttempt in_usual_scheme(const CoverageTask& task, const Plan& first) {
  UsualScheme scheme = usual_scheme(task.options.recipe);
  BudgetAttempt attempt;
  attempt.options = std::make_unique<QuantizeOptions>(task.options);
  attempt.options->recipe = std::move(scheme.recipe);
  attempt.decided = std::make_unique<Decided>(decide_prepared(task.model, *attempt.options));
  attempt.task = std::make_unique<CoverageTask>(
      CoverageTask{task.model, attempt.decided->profile, *attempt.options,
                   attempt.decided->placement, task.statistics, nullptr, &task.reference()});
  attempt.planned = plan_with_kept_float(*attempt.task, kept_by_coverage(task, first));
  attempt.changes = std::move(scheme.changes);
  return attempt;
}

BudgetAttempt without_repairs(const CoverageTask& task, const Plan& first) {
  BudgetAttempt attempt = in_usual_scheme(task, first);
  // They were made for the scales that were asked for.
  if (task.repaired != nullptr) attempt.changes.emplace_back("no repairs of codes");
  return attempt;
}

BudgetAttempt with_repairs(const CoverageTask& task, const Plan& first, const RepairJudge& judge) {
  const std::vector<Repair> repairs =
      find_repairs(std::array<std::string, 2>{"adaround", "bias"}, Mode::kStatic);
  BudgetAttempt attempt = in_usual_scheme(task, first);
  CodeRepairs repaired = repair_codes({task.model, &judge, *make_stand_in(), task.options.threads},
                                      std::move(attempt.planned.plan), repairs);
  attempt.repaired = std::make_unique<Repaired>(std::move(repaired.repaired));
  attempt.task->repaired = attempt.repaired.get();
  attempt.planned = {attempt.repaired->plan, std::move(repaired.quantized)};
  for (const RepairOutcome& outcome : repaired.outcomes) {
    if (!outcome.kept) continue;
    attempt.changes.push_back(fmt::format("repair {} ({:.1f} to {:.1f} dB)", outcome.name,
                                          outcome.before_db, outcome.after_db));
  }
  return attempt;
}

}  // namespace

std::vector<PlannedAttempt> budget_attempts(const CoverageTask& task, const Plan& first,
                                            const RepairJudge* judge) {
  std::vector<PlannedAttempt> attempts;
  if (!usual_scheme(task.options.recipe).changes.empty()) {
    attempts.push_back(
        {"the target's own scheme", [&task, &first] { return without_repairs(task, first); }});
  }
  if (judge != nullptr) {
    attempts.push_back({"the target's own scheme, repaired",
                        [&task, &first, judge] { return with_repairs(task, first, *judge); }});
  }
  return attempts;
}

}  // namespace octavo
