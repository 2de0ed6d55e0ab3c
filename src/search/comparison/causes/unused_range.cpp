#include <fmt/format.h>

#include <algorithm>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// Two bits that no value uses.
constexpr double kUnused = 4;

std::optional<Cause> find(const LayerComparison& layer) {
  if (!layer.quantizer) return std::nullopt;
  const ResultQuantizer& quantizer = *layer.quantizer;
  const double covered = quantizer.covered.max - quantizer.covered.min;
  const double seen = std::max(quantizer.seen.max, 0.0) - std::min(quantizer.seen.min, 0.0);
  if (seen <= 0 || covered < kUnused * seen) return std::nullopt;
  return Cause{"unused-range",
               fmt::format("its codes reach {:.3g} to {:.3g}, its values only {:.3g} to {:.3g}: it "
                           "was calibrated on other data, or shares a scale",
                           quantizer.covered.min, quantizer.covered.max, quantizer.seen.min,
                           quantizer.seen.max),
               "--calibration DATA LIKE THESE"};
}

}  // namespace

const CauseRule& unused_range_cause() {
  static constexpr CauseRule kRule{"unused-range",
                                   "a range far wider than the values in these data", find};
  return kRule;
}

}  // namespace octavo
