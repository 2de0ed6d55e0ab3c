#include <fmt/format.h>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// A normal distribution spans 8 to 10 of its standard deviations in a million values.
constexpr double kOutliers = 25;

std::optional<Cause> find(const LayerComparison& layer) {
  if (!layer.quantizer || layer.quantizer->deviation <= 0) return std::nullopt;
  const double range = layer.quantizer->covered.max - layer.quantizer->covered.min;
  const double spans = range / layer.quantizer->deviation;
  if (spans < kOutliers) return std::nullopt;
  return Cause{"outlier-values",
               fmt::format("its range is {:.0f} x its values' standard deviation: a few outliers "
                           "stretch the scale of all others",
                           spans),
               "--calibrator percentile:99.99"};
}

}  // namespace

const CauseRule& outlier_values_cause() {
  static constexpr CauseRule kRule{"outlier-values", "a few values stretch the scale of all others",
                                   find};
  return kRule;
}

}  // namespace octavo
