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

constexpr double kRounding = 1e-9;

std::vector<std::string> row(std::string_view name, const HalfOutcome& half) {
  const auto percent = [](double share) { return fmt::format("{:.2f} %", 100 * share); };
  return {std::string(name),         std::to_string(half.samples),
          percent(half.float_value), percent(half.first_value),
          percent(half.value),       fmt::format("{:.2f}", 100 * half.drop())};
}

// One sample more or less is then all that decides.
bool below_one_sample(const BudgetOutcome& outcome) {
  return outcome.max_drop * static_cast<double>(outcome.search.samples) < 1 - kRounding;
}

void print_warnings(const BudgetOutcome& outcome) {
  const double budget = 100 * outcome.max_drop;
  if (!outcome.met) {
    fmt::print(stderr,
               "warning: the budget of {:.2f} points cannot be met: the best model found loses "
               "{:.2f}, {} of {} layers in float\n",
               budget, 100 * outcome.search.drop(), outcome.kept_float.size(), outcome.layers);
  } else if (outcome.hold_out.drop() > outcome.max_drop + kRounding) {
    fmt::print(stderr,
               "warning: {:.2f} points are lost on the samples held out, more than the budget of "
               "{:.2f}: chance, or too few samples for so small a budget\n",
               100 * outcome.hold_out.drop(), budget);
  }
  if (!outcome.kept_float.empty() && below_one_sample(outcome)) {
    fmt::print(stderr,
               "warning: the budget of {:.2f} points is less than one of the {} samples searched "
               "on: chance has a say, more samples would help\n",
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

double parse_max_drop(const std::string& text) {
  const auto points = number_before(text, "%");
  if (points && *points >= 0 && *points <= 100) return *points / 100;
  refuse("--max-drop", text, "points of accuracy from 0 to 100, like 0.5%");
}

double parse_min_accuracy(const std::string& text) {
  const auto percent = number_before(text, "%");
  if (percent && *percent > 0 && *percent <= 100) return *percent / 100;
  refuse("--min-accuracy", text, "a share of right answers above 0 and up to 100, like 90%");
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
  const std::vector<std::vector<std::string>> rows = {
      {outcome.metric, "samples", "float", "at first", "result", "drop"},
      row("searched on", outcome.search),
      row("held out", outcome.hold_out)};
  fmt::print("{}\n", table(rows, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                                  Align::kRight, Align::kRight}));
  fmt::print("budget {:.2f} points, {}: {} of {} layers stay float, {} evaluation(s)\n",
             100 * outcome.max_drop, outcome.met ? "met" : "not met", outcome.kept_float.size(),
             outcome.layers, outcome.evaluations);
  if (!outcome.scheme_changes.empty()) {
    fmt::print("changed for it: {}\n", fmt::join(outcome.scheme_changes, ", "));
  }
  print_layers(outcome.kept_float);
  print_warnings(outcome);
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
