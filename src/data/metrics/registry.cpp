#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "data/metrics/metric.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::string_view kProgram = "program";
constexpr std::string_view kProgramLoss = "program-loss";

std::string known_names() {
  std::string names;
  for (const Metric* metric : metrics()) names += metric->name + ", ";
  return names + fmt::format("{}:PATH, {}:PATH", kProgram, kProgramLoss);
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

std::shared_ptr<const Metric> open_metric(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view setting = colon == text.npos ? "" : text.substr(colon + 1);
  const bool loss = name == kProgramLoss;
  if (loss || name == kProgram) {
    if (setting.empty()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("metric '{}', expected {}:PATH of a program", text, name));
    }
    return std::make_shared<Metric>(
        program_metric(setting, loss ? BetterValue::kLower : BetterValue::kHigher));
  }
  const Metric& metric = find_metric(name);
  if (colon == text.npos) return {std::shared_ptr<const Metric>(), &metric};  // lives forever
  if (metric.with) return std::make_shared<Metric>(metric.with(setting));
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("metric '{}': {} takes no setting", text, name));
}

std::string metric_text(const Metric& metric, double value) {
  if (metric.is_share()) return fmt::format("{:.2f} %", 100 * value);
  if (metric.unit == "dB") return fmt::format("{:.1f} dB", value);
  return fmt::format("{:.4g}{}{}", value, metric.unit.empty() ? "" : " ", metric.unit);
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
