#include "cli/sweep_axes.h"

#include <array>
#include <utility>

namespace octavo::cli {
namespace {

constexpr std::array<SweepAxis, 9> kAxes = {{
    {"weights", "symmetric or asymmetric", "symmetric,asymmetric", &RecipeFlags::weight_symmetry},
    {"activations", "symmetric or asymmetric", "symmetric,asymmetric",
     &RecipeFlags::activation_symmetry},
    {"granularity", "weights' scales: per-tensor or per-channel", "per-tensor,per-channel",
     &RecipeFlags::granularity},
    {"calibrator", "of activations: see octavo quantize --help", "max,percentile:99.99,entropy,mse",
     &RecipeFlags::activation_calibrator},
    {"weight-calibrator", "max, mse, percentile:P", "max", &RecipeFlags::weight_calibrator},
    {"weight-type", "bits of weights: int8, uint8", "as-target", &RecipeFlags::weight_dtype},
    {"activation-type", "bits of activations: uint8, int8, uint16, int16", "as-target",
     &RecipeFlags::activation_dtype},
    {"repair", "none, or repairs joined by +: equalize+bias, adaround", "none",
     &RecipeFlags::repair},
    {"regime", "naive, hybrid, selective: see octavo quantize --help", "as-target",
     &RecipeFlags::regime},
}};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::span<const SweepAxis> sweep_axes() { return kAxes; }

AxisValues default_axis_values() {
  AxisValues values;
  for (const SweepAxis& axis : kAxes) values.push_back(split(axis.values));
  return values;
}

std::vector<GridPoint> sweep_grid(const AxisValues& values, const RecipeFlags& shared) {
  std::vector<GridPoint> grid = {{{}, shared}};
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
    std::vector<GridPoint> longer;
    for (const GridPoint& point : grid) {
      for (const std::string& value : values[axis]) {
        GridPoint next = point;
        next.values.push_back(value);
        next.flags.*kAxes[axis].target = value == kAsTarget ? "" : value;
        longer.push_back(std::move(next));
      }
    }
    grid = std::move(longer);
  }
  return grid;
}

}  // namespace octavo::cli
