#include "cli/budget_text.h"

#include <fmt/format.h>

#include <charconv>
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

}  // namespace

double parse_max_drop(const std::string& text) {
  const std::string_view number =
      text.ends_with('%') ? std::string_view(text).substr(0, text.size() - 1) : text;
  double points = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), points);
  const bool whole = failure == std::errc() && end == number.data() + number.size();
  if (!whole || !(points >= 0 && points <= 100)) {
    throw Error(
        ErrorCode::kInvalidArgument,
        fmt::format("--max-drop: '{}', expected points of accuracy from 0 to 100, like 0.5%",
                    text));
  }
  return points / 100;
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
  for (const std::string& node : outcome.kept_float) fmt::print("  float: {}\n", shortened(node));
  fmt::print("\n");
  print_warnings(outcome);
}

}  // namespace octavo::cli
