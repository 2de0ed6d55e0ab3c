#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "data/metrics/metric.h"
#include "octavo/error.h"

namespace octavo {
namespace {

std::string known_names() {
  std::string names;
  for (const Metric* metric : metrics()) {
    names += (names.empty() ? "" : ", ") + std::string(metric->name);
  }
  return names;
}

}  // namespace

std::span<const Metric* const> metrics() {
#define OCTAVO_METRIC(identifier) &identifier##_metric(),
  static const std::array kAll = {
#include "data/metrics/metric_list.inc"
  };
#undef OCTAVO_METRIC
  return kAll;
}

const Metric& find_metric(std::string_view name) {
  for (const Metric* metric : metrics()) {
    if (metric->name == name) return *metric;
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown metric '{}', expected one of {}", name, known_names()));
}

void MetricAccumulator::add(std::size_t index, const MetricInput& input) {
  scores_.emplace_back(index, metric_->score(input));
}

void MetricAccumulator::merge(const MetricAccumulator& other) {
  if (metric_ != other.metric_) {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("scores of '{}' merged into those of '{}'",
                                                         other.metric_->name, metric_->name));
  }
  scores_.insert(scores_.end(), other.scores_.begin(), other.scores_.end());
}

MetricValue MetricAccumulator::value() const {
  if (scores_.empty()) {
    throw Error(ErrorCode::kInvalidData, fmt::format("metric '{}': no samples", metric_->name));
  }
  auto sorted = scores_;
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<SampleScore> in_order;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && sorted[i].first == sorted[i - 1].first) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("metric '{}': sample {} came twice", metric_->name, sorted[i].first));
    }
    in_order.push_back(sorted[i].second);
  }
  return metric_->combine(in_order);
}

Interval wilson_interval_95(std::size_t hits, std::size_t trials) {
  if (trials == 0) return {0, 1};
  constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(hits) / n;
  const double shrink = 1 / (1 + kZ * kZ / n);
  const double center = (share + kZ * kZ / (2 * n)) * shrink;
  const double reach = kZ * shrink * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {std::max(0.0, center - reach), std::min(1.0, center + reach)};
}

}  // namespace octavo
