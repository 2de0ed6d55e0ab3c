// What the causes share. One file each, one word in cause_list.inc.
#pragma once

#include <optional>
#include <span>

#include "octavo/comparison.h"

namespace octavo {

// Pure functions of figures: either may be null.
struct CauseRule {
  std::string_view name;
  std::string_view help;
  std::optional<Cause> (*of_layer)(const LayerComparison& layer) = nullptr;
  std::optional<Cause> (*of_file)(const ComparisonReport& report) = nullptr;
};

#define OCTAVO_CAUSE(identifier) const CauseRule& identifier##_cause();
#include "search/comparison/causes/cause_list.inc"
#undef OCTAVO_CAUSE

std::span<const CauseRule* const> cause_rules();

// Eight bits that are used well give 35 dB and more: below this, something is the matter.
inline constexpr double kHealthyDecibels = 25;

// Fills in the causes of every layer whose effect is worse, and the file's risks.
void name_causes(ComparisonReport& report);

}  // namespace octavo
