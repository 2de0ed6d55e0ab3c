#include "pipeline/accuracy_budget.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "search/accuracy_drop.h"
#include "search/budget.h"
#include "search/sensitivity.h"

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
        max_drop_(budget.max_drop + kRounding),
        executor_(executor),
        accuracy_(task.reference(), *budget.evaluation, executor, task.options.threads) {}

  BudgetedModel run() {
    const CandidateAccuracy first = accuracy_.of(first_.model, DataHalf::kSearch);
    const double first_drop = accuracy_.float_value(DataHalf::kSearch) - first.value;
    const bool met = first_drop <= max_drop_;
    if (!met) rank_layers();
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
  // Those of the first model's, the worst first. No label is needed: inputs of the search half do.
  void rank_layers() {
    const PlannedModel widest = plan_widest(task_);
    const HalfDataset data(*budget_.evaluation, DataHalf::kSearch);
    SensitivityOptions options;
    options.threads = task_.options.threads;
    const SensitivityReport report = measure_sensitivity(
        {task_.model, task_.widest, widest.plan, task_.statistics}, data, executor_, options);
    for (const LayerSensitivity& layer : report.layers) {
      if (is_quantized(first_.plan, layer.node)) layers_.push_back(layer);
    }
  }

  static bool is_quantized(const Plan& plan, std::string_view name) {
    for (const NodePlacement& node : plan.nodes) {
      if (node.node == name) return node.decision == Decision::kQuantized;
    }
    return false;
  }

  // What coverage left in float stays so.
  KeepFloat kept_by_coverage() const {
    KeepFloat kept;
    for (std::size_t i = 0; i < first_.plan.nodes.size(); ++i) {
      const NodePlacement& node = first_.plan.nodes[i];
      const bool could = task_.widest.nodes[i].decision == Decision::kQuantized;
      if (could && node.decision == Decision::kFloat) kept.emplace(node.node, node.reason);
    }
    return kept;
  }

  PlannedModel plan(const std::vector<std::size_t>& kept_float) const {
    KeepFloat kept = kept_by_coverage();
    for (const std::size_t index : kept_float) {
      const LayerSensitivity& layer = layers_[index];
      kept.emplace(
          layer.node,
          fmt::format("kept for accuracy: as integers, it alone brings the outputs' signal "
                      "to noise to {:.1f} dB",
                      layer.output_sqnr_db));
    }
    return plan_with_kept_float(task_, kept);
  }

  BudgetOutcome describe(const BudgetSearch& search, double first_value, double value) const {
    BudgetOutcome outcome;
    outcome.metric = accuracy_.metric().name;
    outcome.max_drop = budget_.max_drop;
    outcome.evaluations = search.evaluations;
    outcome.layers = quantized_layers(first_.plan);
    for (const std::size_t index : search.kept_float) {
      outcome.kept_float.push_back(layers_[index].node);
    }
    outcome.search = {accuracy_.samples(DataHalf::kSearch),
                      accuracy_.float_value(DataHalf::kSearch), first_value, value};
    outcome.met = search.met;
    return outcome;
  }

  static std::size_t quantized_layers(const Plan& plan) {
    std::size_t count = 0;
    for (const NodePlacement& node : plan.nodes) {
      const bool weighted = node.role == OperatorRole::kWeighted;
      count += weighted && node.decision == Decision::kQuantized ? 1 : 0;
    }
    return count;
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
  double max_drop_;
  const Executor& executor_;
  AccuracyDrop accuracy_;
  std::vector<LayerSensitivity> layers_;
  std::map<std::vector<std::size_t>, double> values_;  // of the search half, by what is kept float
};

}  // namespace

BudgetedModel keep_budget(const CoverageTask& task, PlannedModel first,
                          const AccuracyBudget& budget, const Executor& executor) {
  return BudgetKeeper(task, std::move(first), budget, executor).run();
}

}  // namespace octavo
