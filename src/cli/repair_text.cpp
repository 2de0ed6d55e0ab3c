#include "cli/repair_text.h"

#include <fmt/format.h>

#include <vector>

#include "cli/terminal.h"

namespace octavo::cli {
namespace {

std::string verdict(const RepairOutcome& outcome) {
  if (outcome.changes.empty()) return "nothing to change";
  return outcome.kept ? "kept" : "undone: it did not help";
}

// Judges hold what differs by nothing at 200 dB.
std::string decibels(double value) {
  constexpr double kExact = 200;
  return value >= kExact ? "exact" : fmt::format("{:.1f} dB", value);
}

}  // namespace

std::string repair_help(std::string_view unless_said_otherwise) {
  std::string text = fmt::format(
      "Repairs, with commas between them ({}, unless said otherwise; none: no repair); one that "
      "does not help on samples held out is undone:",
      unless_said_otherwise);
  for (const RepairInfo& info : repairs()) {
    const bool usual = info.mode == Mode::kStatic;
    text += fmt::format("\n  {}: {}{}", info.name, info.help,
                        usual ? "" : fmt::format(" (mode {})", to_string(info.mode)));
  }
  return text;
}

void print_repairs(std::span<const RepairOutcome> outcomes) {
  if (outcomes.empty()) return;
  std::vector<std::vector<std::string>> rows = {
      {"repair", "layers", "SQNR before", "after", "held out", ""}};
  for (const RepairOutcome& outcome : outcomes) {
    rows.push_back({outcome.name, std::to_string(outcome.changes.size()),
                    decibels(outcome.before_db), decibels(outcome.after_db),
                    fmt::format("{} samples", outcome.held_out), verdict(outcome)});
  }
  fmt::print("{}\n", table(rows, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                                  Align::kRight, Align::kLeft}));
}

}  // namespace octavo::cli
