#include "pipeline/accuracy_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "octavo/error.h"
#include "pipeline/ranked_layers.h"
#include "search/accuracy_drop.h"
#include "search/budget.h"

namespace octavo {
namespace {

// 0.950 - 0.945 is a little more than 0.005 in binary.
constexpr double kRounding = 1e-9;

class BudgetKeeper {
 public:
  BudgetKeeper(const CoverageTask& task, PlannedModel first, const AccuracyBudget& budget,
               const Executor& executor)
      : task_(&task),
        first_(std::move(first)),
        budget_(budget),
        executor_(executor),
        accuracy_(task.reference(), *budget.evaluation, executor, task.options.threads),
        max_drop_(allowed_drop(budget) + kRounding) {}

  BudgetedModel run(const std::vector<MakeAttempt>& attempts) {
    const PlannedModel asked_for = first_;
    const double asked_for_value = value_of(first_);
    value_ = asked_for_value;
    std::size_t made = 0;
    for (; made < attempts.size() && !is_within(value_); ++made) take_if_better(attempts[made]());
    BudgetedModel result = keep_layers_float();
    result.outcome.search.first_value = asked_for_value;
    result.outcome.evaluations += made;
    if (attempt_) result.outcome.scheme_changes = attempt_->changes;
    describe_hold_out(asked_for, result);
    return result;
  }

 private:
  // Of the search half. Throws where the float model itself is below what is asked for.
  double allowed_drop(const AccuracyBudget& budget) const {
    if (!budget.min_accuracy) return budget.max_drop;
    const double whole = accuracy_.float_value(DataHalf::kSearch);
    if (whole >= *budget.min_accuracy) return whole - *budget.min_accuracy;
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("the float model's {} is {:.2f} % on the {} samples to search on, below "
                    "the {:.2f} % asked for",
                    accuracy_.metric().name, 100 * whole, accuracy_.samples(DataHalf::kSearch),
                    100 * *budget.min_accuracy));
  }

  double value_of(const PlannedModel& planned) const {
    return accuracy_.of(planned.model, DataHalf::kSearch).value;
  }
  double drop_of(double value) const { return accuracy_.float_value(DataHalf::kSearch) - value; }
  bool is_within(double value) const { return drop_of(value) <= max_drop_; }

  void take_if_better(BudgetAttempt attempt) {
    const double value = value_of(attempt.planned);
    if (value <= value_) return;
    value_ = value;
    first_ = attempt.planned;
    attempt_ = std::move(attempt);
    task_ = attempt_->task.get();
  }

  BudgetedModel keep_layers_float() {
    layers_ = std::make_unique<RankedLayers>(*task_, first_);
    const bool met = is_within(value_);
    if (!met) layers_->rank(HalfDataset(*budget_.evaluation, DataHalf::kSearch), executor_);
    // Of many candidates, some mend by chance what they break elsewhere: what the search may choose
    // must not break too much in the first place. The first model was not chosen among others.
    const BudgetSearch search =
        search_budget(met ? 0 : layers_->size(), max_drop_, [&](const auto& kept) {
          if (kept.empty()) return drop_of(value_);
          const CandidateAccuracy found = accuracy_.of(plan(kept).model, DataHalf::kSearch);
          values_[kept] = found.value;
          return found.lost;
        });
    if (!search.kept_float.empty()) value_ = values_.at(search.kept_float);
    return {search.kept_float.empty() ? first_ : plan(search.kept_float), describe(search)};
  }

  PlannedModel plan(const std::vector<std::size_t>& kept_float) const {
    return layers_->with_float(kept_float, "kept for accuracy");
  }

  BudgetOutcome describe(const BudgetSearch& search) const {
    BudgetOutcome outcome;
    outcome.metric = accuracy_.metric().name;
    outcome.max_drop = std::max(0.0, max_drop_ - kRounding);
    outcome.evaluations = search.evaluations;
    outcome.layers = quantized_layers(first_.plan);
    for (const std::size_t index : search.kept_float) {
      outcome.kept_float.push_back(layers_->node(index));
    }
    outcome.search = {accuracy_.samples(DataHalf::kSearch),
                      accuracy_.float_value(DataHalf::kSearch), value_, value_};
    outcome.met = search.met;
    return outcome;
  }

  void describe_hold_out(const PlannedModel& asked_for, BudgetedModel& result) const {
    const double first_value = accuracy_.of(asked_for.model, DataHalf::kHoldOut).value;
    const bool same = result.outcome.kept_float.empty() && result.outcome.scheme_changes.empty();
    const double value =
        same ? first_value : accuracy_.of(result.planned.model, DataHalf::kHoldOut).value;
    result.outcome.hold_out = {accuracy_.samples(DataHalf::kHoldOut),
                               accuracy_.float_value(DataHalf::kHoldOut), first_value, value};
  }

  const CoverageTask* task_;
  PlannedModel first_;
  const AccuracyBudget& budget_;
  const Executor& executor_;
  AccuracyDrop accuracy_;
  double max_drop_;
  double value_ = 0;                      // of first_, then of the result, on the search half
  std::optional<BudgetAttempt> attempt_;  // what the search goes on with, if not with the first
  std::unique_ptr<RankedLayers> layers_;  // of what the search goes on with
  std::map<std::vector<std::size_t>, double> values_;  // of the search half, by what is kept float
};

}  // namespace

BudgetedModel keep_budget(const CoverageTask& task, PlannedModel first,
                          const std::vector<MakeAttempt>& attempts, const AccuracyBudget& budget,
                          const Executor& executor) {
  return BudgetKeeper(task, std::move(first), budget, executor).run(attempts);
}

}  // namespace octavo
