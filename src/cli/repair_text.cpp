#include "cli/repair_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "cli/terminal.h"

namespace octavo::cli {
namespace {

// What stands in the way of the whole of it, not of a layer.
std::string why_nothing(const RepairOutcome& outcome) {
  const bool whole = outcome.refusals.size() == 1 && outcome.refusals.front().node.empty();
  return whole ? ": " + outcome.refusals.front().text : "";
}

std::string verdict(const RepairOutcome& outcome) {
  if (outcome.changes.empty()) return "nothing to change" + why_nothing(outcome);
  if (!outcome.kept) return "undone: it did not help";
  if (outcome.held_out == 0) return "kept: no samples to judge it by";
  if (outcome.added_operators == 0) return "kept";
  return fmt::format("kept, {} more operators", outcome.added_operators);
}

// Judges hold what differs by nothing at 200 dB.
std::string decibels(const RepairOutcome& outcome, double value) {
  constexpr double kExact = 200;
  if (outcome.held_out == 0) return "";
  return value >= kExact ? "exact" : fmt::format("{:.1f} dB", value);
}

}  // namespace

std::string repair_help(std::string_view unless_said_otherwise) {
  std::string text = fmt::format(
      "Repairs, with commas between them ({}, unless said otherwise; none: no repair); one that "
      "does not help on samples held out is undone:",
      unless_said_otherwise);
  for (const RepairInfo& info : repairs()) {
    const bool usual = info.modes.size() == 1 && info.works_in(Mode::kStatic);
    std::vector<std::string_view> modes;
    for (const Mode mode : info.modes) modes.push_back(to_string(mode));
    text += fmt::format("\n  {}: {}{}", info.name, info.help,
                        usual ? "" : fmt::format(" (mode {})", fmt::join(modes, ", ")));
  }
  return text;
}

void print_repairs(std::span<const RepairOutcome> outcomes) {
  if (outcomes.empty()) return;
  std::vector<std::vector<std::string>> rows = {
      {"repair", "layers", "SQNR before", "after", "held out", ""}};
  for (const RepairOutcome& outcome : outcomes) {
    rows.push_back({outcome.name, std::to_string(outcome.changes.size()),
                    decibels(outcome, outcome.before_db), decibels(outcome, outcome.after_db),
                    fmt::format("{} samples", outcome.held_out), verdict(outcome)});
  }
  fmt::print("{}\n", table(rows, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                                  Align::kRight, Align::kLeft}));
}

}  // namespace octavo::cli
