#include "pipeline/budget_limit.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "octavo/error.h"
#include "search/noise_limit.h"

namespace octavo {
namespace {

double value_asked_for(double value, const AccuracyDrop& accuracy, DataHalf half) {
  const Metric& metric = accuracy.metric();
  // Equal outputs are infinitely good: any value is below.
  const bool reachable =
      !std::isfinite(accuracy.float_value(half)) || accuracy.drop_of(value, half) >= 0;
  if (half == DataHalf::kHoldOut || reachable) return value;
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("the float model's {} is {} on the {} samples to search on, {} the {} "
                  "asked for",
                  metric.name, metric_text(metric, accuracy.float_value(half)),
                  accuracy.samples(half), metric.better == BetterValue::kHigher ? "below" : "above",
                  metric_text(metric, value)));
}

// Of both halves: what the float model's answers bear is a fact of the model.
double limit_by_noise(double changed, const AccuracyDrop& accuracy) {
  std::vector<const std::vector<Tensor>*> outputs;
  for (std::size_t i = 0; i < accuracy.samples(DataHalf::kSearch); ++i) {
    outputs.push_back(&accuracy.float_outputs(DataHalf::kSearch, i));
  }
  return noise_limit(accuracy.metric(), outputs, changed);
}

}  // namespace

double budget_limit(const AccuracyBudget& budget, const AccuracyDrop& accuracy, DataHalf half) {
  if (budget.min_accuracy) return value_asked_for(*budget.min_accuracy, accuracy, half);
  const Metric& metric = accuracy.metric();
  if (metric.need == MetricNeed::kReference && metric.judgement == SampleJudgement::kGraded) {
    return limit_by_noise(budget.max_drop, accuracy);
  }
  const double whole = accuracy.float_value(half);
  const double drop =
      budget.unit == DropUnit::kOfFloat ? budget.max_drop * std::abs(whole) : budget.max_drop;
  return metric.better == BetterValue::kHigher ? whole - drop : whole + drop;
}

}  // namespace octavo
