#include "cli/budget_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"
#include "octavo/error.h"

namespace octavo::cli {
namespace {

// "equal" where nothing is lost and the metric has no number for that.
std::string value_text(const Metric& metric, double value) {
  return std::isinf(value) && value > 0 ? "equal" : metric_text(metric, value);
}

// Points of accuracy, whether the metric has them or the answers that it is expected to lose do.
bool in_points(const HalfOutcome& half, const Metric& metric) {
  return half.expected_loss || metric.is_share();
}

std::string drop_text(const Metric& metric, const HalfOutcome& half) {
  if (half.expected_loss) return fmt::format("{:.2f}", 100 * *half.expected_loss);
  if (!std::isfinite(half.drop())) return "-";
  return metric.is_share() ? fmt::format("{:.2f}", 100 * half.drop())
                           : fmt::format("{:.3g}", half.drop());
}

std::vector<std::string> row(std::string_view name, const HalfOutcome& half, const Metric& metric) {
  return {std::string(name),
          std::to_string(half.samples),
          value_text(metric, half.float_value),
          value_text(metric, half.first_value),
          value_text(metric, half.value),
          drop_text(metric, half)};
}

// "0.50 points", "at least 21.3 dB".
std::string budget_words(const BudgetOutcome& outcome, const Metric& metric) {
  if (in_points(outcome.search, metric)) {
    return fmt::format("{:.2f} points", 100 * outcome.max_drop);
  }
  return fmt::format("{} {}", metric.better == BetterValue::kHigher ? "at least" : "at most",
                     metric_text(metric, outcome.search.limit));
}

// "loses 1.50", "is expected to lose 1.50", "has 18.2 dB".
std::string loss_words(const HalfOutcome& half, const Metric& metric) {
  if (half.expected_loss) {
    return fmt::format("is expected to lose {:.2f}", 100 * *half.expected_loss);
  }
  if (metric.is_share()) return fmt::format("loses {:.2f}", 100 * half.drop());
  return fmt::format("has {}", value_text(metric, half.value));
}

// One sample more or less is then all that decides.
bool below_one_sample(const BudgetOutcome& outcome, const Metric& metric) {
  return metric.judgement == SampleJudgement::kRightOrWrong &&
         outcome.max_drop * static_cast<double>(outcome.search.samples) <
             1 - HalfOutcome::kRounding;
}

void print_warnings(const BudgetOutcome& outcome, const Metric& metric) {
  const std::string budget = budget_words(outcome, metric);
  if (!outcome.met) {
    fmt::print(stderr,
               "warning: the budget of {} cannot be met: the best model found {}, {} of {} layers "
               "in float\n",
               budget, loss_words(outcome.search, metric), outcome.kept_float.size(),
               outcome.layers);
  } else if (!outcome.hold_out.is_within()) {
    fmt::print(stderr,
               "warning: on the samples held out it {}, beyond the budget of {}: chance, or too "
               "few samples for so small a budget\n",
               loss_words(outcome.hold_out, metric), budget);
  }
  if (!outcome.kept_float.empty() && below_one_sample(outcome, metric)) {
    fmt::print(stderr,
               "warning: the budget of {} is less than one of the {} samples searched on: chance "
               "has a say, more samples would help\n",
               budget, outcome.search.samples);
  }
  if (outcome.layers > 0 && outcome.kept_float.size() == outcome.layers) {
    fmt::print(stderr,
               "warning: every layer stays float; `octavo analyze` shows what each one loses\n");
  }
}

// The number in front of `unit`, which may be left out.
std::optional<double> number_before(std::string_view text, std::string_view unit) {
  if (text.ends_with(unit)) text.remove_suffix(unit.size());
  double number = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), number);
  const bool whole = failure == std::errc() && end == text.end();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// Of a metric that compares with the float model, points are of answers expected to be lost.
bool counts_in_points(const Metric& metric) {
  return metric.is_share() || metric.need == MetricNeed::kReference;
}

[[noreturn]] void refuse(std::string_view flag, std::string_view text, std::string_view expected) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}: '{}', expected {}", flag, text, expected));
}

std::string text_of(const LatencyBudget& budget) {
  return budget.unit == LatencyUnit::kOfFloat ? fmt::format("{:g} of float", budget.most)
                                              : fmt::format("{:g} ms", budget.most);
}

std::string text_of(const MeasuredLatency& latency) {
  return fmt::format("{:.3f} ms, {:.2f} of float", latency.milliseconds, latency.ratio_to_float);
}

void print_layers(const std::vector<std::string>& nodes) {
  for (const std::string& node : nodes) fmt::print("  float: {}\n", shortened(node));
  fmt::print("\n");
}

}  // namespace

MaxDrop parse_max_drop(const std::string& text, const Metric& metric) {
  const auto number = number_before(text, "%");
  if (counts_in_points(metric)) {
    if (number && *number >= 0 && *number <= 100) return {*number / 100, DropUnit::kOfMetric};
    refuse("--max-drop", text, "points of accuracy from 0 to 100, like 0.5%");
  }
  const bool relative = text.ends_with("%");
  if (number && *number >= 0) {
    return {relative ? *number / 100 : *number,
            relative ? DropUnit::kOfFloat : DropUnit::kOfMetric};
  }
  refuse("--max-drop", text,
         fmt::format("how much worse {} may get: 2 in its own unit, or 2% of the float model's",
                     metric.name));
}

double parse_min_accuracy(const std::string& text, const Metric& metric) {
  if (!metric.is_share()) {
    if (const auto number = number_before(text, metric.unit)) return *number;
    refuse("--min-accuracy", text,
           fmt::format("the value of {} that must be kept, like 20{}", metric.name, metric.unit));
  }
  const auto percent = number_before(text, "%");
  if (percent && *percent > 0 && *percent <= 100) return *percent / 100;
  refuse("--min-accuracy", text, "a share above 0 and up to 100, like 90%");
}

LatencyBudget parse_max_latency(const std::string& text) {
  const bool absolute = text.ends_with("ms");
  const auto most = number_before(text, absolute ? "ms" : "x");
  if (most && *most > 0) {
    return {*most, absolute ? LatencyUnit::kMilliseconds : LatencyUnit::kOfFloat};
  }
  refuse("--max-latency", text,
         "a share of the float model's latency like 0.5x, or a time like 3ms");
}

void print_budget(const BudgetOutcome& outcome) {
  const auto metric = open_metric(outcome.metric);
  const std::vector<std::vector<std::string>> rows = {
      {outcome.metric, "samples", "float", "at first", "result",
       outcome.search.expected_loss ? "points expected to be lost" : "drop"},
      row("searched on", outcome.search, *metric),
      row("held out", outcome.hold_out, *metric)};
  fmt::print("{}\n", table(rows, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                                  Align::kRight, Align::kRight}));
  fmt::print("budget {}, {}: {} of {} layers stay float, {} evaluation(s) of at most {}\n",
             budget_words(outcome, *metric), outcome.met ? "met" : "not met",
             outcome.kept_float.size(), outcome.layers, outcome.evaluations,
             outcome.most_evaluations);
  if (outcome.ratio_to_integers) {
    fmt::print("the fastest measured of what keeps it: {:.2f} of the time with no layer in float\n",
               *outcome.ratio_to_integers);
  }
  if (!outcome.scheme_changes.empty()) {
    fmt::print("changed for it: {}\n", fmt::join(outcome.scheme_changes, ", "));
  }
  print_layers(outcome.kept_float);
  print_warnings(outcome, *metric);
}

void print_budget(const LatencyOutcome& outcome) {
  fmt::print("latency budget {}, {}: {}; {} of {} layers back in float, {} measurement(s)\n",
             text_of(outcome.budget), outcome.met ? "met" : "not met", text_of(outcome.result),
             outcome.kept_float.size(), outcome.layers, outcome.measurements);
  if (!outcome.kept_float.empty()) fmt::print("without these: {}\n", text_of(outcome.first));
  print_layers(outcome.kept_float);
  if (outcome.met) return;
  fmt::print(stderr,
             "warning: the latency budget of {} cannot be met: the fastest model found takes {}\n",
             text_of(outcome.budget), text_of(outcome.first));
}

}  // namespace octavo::cli
