// What a sweep varies. One entry an axis: its flag, help and grid come out of the list.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/recipe_flags.h"

namespace octavo::cli {

// A value that leaves the choice to the target's profile.
inline constexpr std::string_view kAsTarget = "as-target";

struct SweepAxis {
  std::string_view flag;  // the same as `octavo quantize` has, without the dashes
  std::string_view help;
  std::string_view values;  // default, separated by commas
  std::string RecipeFlags::* target;
};

std::span<const SweepAxis> sweep_axes();

// The values that one axis takes, by axis.
using AxisValues = std::vector<std::vector<std::string>>;
AxisValues default_axis_values();

struct GridPoint {
  std::vector<std::string> values;  // one an axis
  RecipeFlags flags;
};
// Every combination, the last axis changing fastest. `shared` is what all have in common.
std::vector<GridPoint> sweep_grid(const AxisValues& values, const RecipeFlags& shared);

}  // namespace octavo::cli
