#include "pipeline/budget_limit.h"

#include <fmt/format.h>

#include <cmath>

#include "octavo/error.h"

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

}  // namespace

LossMeasure loss_measure(const AccuracyBudget& budget) {
  if (budget.min_accuracy || budget.metric.empty()) return LossMeasure::kOfMetric;
  const auto metric = open_metric(budget.metric);
  return metric->need == MetricNeed::kReference && metric->judgement == SampleJudgement::kGraded
             ? LossMeasure::kExpectedAnswers
             : LossMeasure::kOfMetric;
}

double budget_limit(const AccuracyBudget& budget, const AccuracyDrop& accuracy, DataHalf half) {
  if (accuracy.measure() == LossMeasure::kExpectedAnswers) return budget.max_drop;
  if (budget.min_accuracy) return value_asked_for(*budget.min_accuracy, accuracy, half);
  const Metric& metric = accuracy.metric();
  const double whole = accuracy.float_value(half);
  const double drop =
      budget.unit == DropUnit::kOfFloat ? budget.max_drop * std::abs(whole) : budget.max_drop;
  return metric.better == BetterValue::kHigher ? whole - drop : whole + drop;
}

double most_lost(const AccuracyBudget& budget, const AccuracyDrop& accuracy, DataHalf half) {
  const double limit = budget_limit(budget, accuracy, half);
  const bool by_answers = accuracy.measure() == LossMeasure::kExpectedAnswers;
  return by_answers ? limit : accuracy.drop_of(limit, half);
}

}  // namespace octavo
