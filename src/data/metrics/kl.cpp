// Kullback-Leibler divergence of the outputs from the float model's, sum of p ln(p / q), in nats;
// the mean over all rows (last axis) of all outputs. A row whose reference is a distribution (not
// negative, sum 1 within 1e-3) is taken as one, the model's row divided by its sum; other rows go
// through softmax. A probability of the model counts as at least 1e-12, so that a code of 0 costs
// much but not infinity.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "data/metrics/metric.h"

namespace octavo {
namespace {

constexpr double kSmallestProbability = 1e-12;
constexpr double kSumTolerance = 1e-3;

double sum_of(std::span<const double> row) {
  double sum = 0;
  for (const double value : row) sum += value;
  return sum;
}

bool is_distribution(std::span<const double> row) {
  const bool negative = std::any_of(row.begin(), row.end(), [](double x) { return x < 0; });
  return !negative && std::abs(sum_of(row) - 1) <= kSumTolerance;
}

std::vector<double> softmax(std::span<const double> row) {
  const double highest = *std::max_element(row.begin(), row.end());
  std::vector<double> result;
  for (const double value : row) result.push_back(std::exp(value - highest));
  const double sum = sum_of(result);
  for (double& value : result) value /= sum;
  return result;
}

std::vector<double> normalized(std::span<const double> row) {
  std::vector<double> result(row.begin(), row.end());
  for (double& value : result) value = std::max(value, 0.0);
  const double sum = sum_of(result);
  for (double& value : result) {
    value = sum > 0 ? value / sum : 1 / static_cast<double>(result.size());
  }
  return result;
}

bool is_finite(std::span<const double> row) {
  return std::all_of(row.begin(), row.end(), [](double x) { return std::isfinite(x); });
}

double divergence(std::span<const double> output, std::span<const double> reference) {
  if (!is_finite(output) || !is_finite(reference)) return std::numeric_limits<double>::quiet_NaN();
  const bool distribution = is_distribution(reference);
  const std::vector<double> p = distribution ? normalized(reference) : softmax(reference);
  const std::vector<double> q = distribution ? normalized(output) : softmax(output);
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] > 0) sum += p[i] * std::log(p[i] / std::max(q[i], kSmallestProbability));
  }
  return sum;
}

SampleScore score(const MetricInput& input) {
  double sum = 0;
  double rows = 0;
  for (const OutputPair& pair : pair_outputs(input)) {
    for (std::size_t begin = 0; begin < pair.output.size(); begin += pair.last_axis) {
      sum += divergence(std::span(pair.output).subspan(begin, pair.last_axis),
                        std::span(pair.reference).subspan(begin, pair.last_axis));
      ++rows;
    }
  }
  return {{sum, rows}};
}

}  // namespace

const Metric& kl_metric() {
  static const Metric kMetric{"kl",
                              "Kullback-Leibler divergence from the float model's outputs",
                              "nats",
                              MetricNeed::kReference,
                              BetterValue::kLower,
                              SampleJudgement::kGraded,
                              score,
                              mean_of_sums};
  return kMetric;
}

}  // namespace octavo
