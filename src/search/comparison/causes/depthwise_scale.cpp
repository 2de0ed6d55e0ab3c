#include <fmt/format.h>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// One scale leaves the median channel two bits fewer.
constexpr double kUneven = 4;

std::optional<Cause> find(const LayerComparison& layer) {
  if (!layer.weight || !layer.weight->depthwise) return std::nullopt;
  const WeightComparison& weight = *layer.weight;
  if (weight.granularity != Granularity::kPerTensor || weight.widest_over_median < kUneven) {
    return std::nullopt;
  }
  return Cause{"depthwise-scale",
               fmt::format("one scale for all channels of a depthwise weight, whose widest channel "
                           "is {:.0f} x the median one",
                           weight.widest_over_median),
               "--granularity per-channel"};
}

}  // namespace

const CauseRule& depthwise_scale_cause() {
  static constexpr CauseRule kRule{
      "depthwise-scale", "one weight scale for the unlike channels of a depthwise convolution",
      find};
  return kRule;
}

}  // namespace octavo
