#include "pipeline/accuracy_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
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
      : task_(task),
        first_(std::move(first)),
        budget_(budget),
        executor_(executor),
        accuracy_(task.reference(), *budget.evaluation, executor, task.options.threads),
        max_drop_(allowed_drop(budget) + kRounding),
        layers_(task_, first_) {}

  BudgetedModel run() {
    const CandidateAccuracy first = accuracy_.of(first_.model, DataHalf::kSearch);
    const double first_drop = accuracy_.float_value(DataHalf::kSearch) - first.value;
    const bool met = first_drop <= max_drop_;
    if (!met) layers_.rank(HalfDataset(*budget_.evaluation, DataHalf::kSearch), executor_);
    double value = first.value;
    // Of many candidates, some mend by chance what they break elsewhere: what the search may choose
    // must not break too much in the first place. The first model was not chosen among others.
    const BudgetSearch search =
        search_budget(met ? 0 : layers_.size(), max_drop_, [&](const auto& kept) {
          if (kept.empty()) return first_drop;
          const CandidateAccuracy found = accuracy_.of(plan(kept).model, DataHalf::kSearch);
          values_[kept] = found.value;
          return found.lost;
        });
    if (!search.kept_float.empty()) value = values_.at(search.kept_float);
    BudgetedModel result;
    result.outcome = describe(search, first.value, value);
    result.planned = search.kept_float.empty() ? first_ : plan(search.kept_float);
    describe_hold_out(result);
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

  PlannedModel plan(const std::vector<std::size_t>& kept_float) const {
    return layers_.with_float(kept_float, "kept for accuracy");
  }

  BudgetOutcome describe(const BudgetSearch& search, double first_value, double value) const {
    BudgetOutcome outcome;
    outcome.metric = accuracy_.metric().name;
    outcome.max_drop = std::max(0.0, max_drop_ - kRounding);
    outcome.evaluations = search.evaluations;
    outcome.layers = quantized_layers(first_.plan);
    for (const std::size_t index : search.kept_float) {
      outcome.kept_float.push_back(layers_.node(index));
    }
    outcome.search = {accuracy_.samples(DataHalf::kSearch),
                      accuracy_.float_value(DataHalf::kSearch), first_value, value};
    outcome.met = search.met;
    return outcome;
  }

  void describe_hold_out(BudgetedModel& result) const {
    const double first_value = accuracy_.of(first_.model, DataHalf::kHoldOut).value;
    const double value = result.outcome.kept_float.empty()
                             ? first_value
                             : accuracy_.of(result.planned.model, DataHalf::kHoldOut).value;
    result.outcome.hold_out = {accuracy_.samples(DataHalf::kHoldOut),
                               accuracy_.float_value(DataHalf::kHoldOut), first_value, value};
  }

  const CoverageTask& task_;
  PlannedModel first_;
  const AccuracyBudget& budget_;
  const Executor& executor_;
  AccuracyDrop accuracy_;
  double max_drop_;
  RankedLayers layers_;
  std::map<std::vector<std::size_t>, double> values_;  // of the search half, by what is kept float
};

}  // namespace

BudgetedModel keep_budget(const CoverageTask& task, PlannedModel first,
                          const AccuracyBudget& budget, const Executor& executor) {
  return BudgetKeeper(task, std::move(first), budget, executor).run();
}

}  // namespace octavo
