#include <fmt/format.h>

#include <utility>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// One scale leaves the median channel four bits fewer.
constexpr double kOutlier = 16;
constexpr double kMost = 0.5;

Cause with_equalization(std::string sentence) {
  return {"outlier-channel", std::move(sentence), "--repair equalize"};
}

std::optional<Cause> of_result(const LayerComparison& layer, bool one_weight_scale) {
  // A few starved channels matter less than one scale for all weights does.
  const double enough = one_weight_scale ? kMost * static_cast<double>(layer.channels) : 1;
  if (!layer.quantizer || static_cast<double>(layer.starved_channels) < enough) {
    return std::nullopt;
  }
  return with_equalization(
      fmt::format("{} of its result's {} channels get 8 codes or fewer: the widest, {:.1f} x the "
                  "median one, sets the scale of all",
                  layer.starved_channels, layer.channels, layer.channel_spread));
}

std::optional<Cause> find(const LayerComparison& layer) {
  const bool one_scale = layer.weight && layer.weight->granularity == Granularity::kPerTensor;
  if (auto cause = of_result(layer, one_scale)) return cause;
  if (one_scale && layer.weight->widest_over_median > kOutlier) {
    return with_equalization(fmt::format(
        "one scale for all its weights, whose widest channel is {:.0f} x the median one",
        layer.weight->widest_over_median));
  }
  if (layer.weight && layer.starved_input_share >= kMost) {
    return with_equalization(
        fmt::format("{:.0f} % of the channels it reads are 32 x narrower than the widest: the "
                    "weights for the wide ones are too small for their scale",
                    100 * layer.starved_input_share));
  }
  return std::nullopt;
}

}  // namespace

const CauseRule& outlier_channel_cause() {
  static constexpr CauseRule kRule{
      "outlier-channel", "one channel so wide that the others share its scale with few codes left",
      find};
  return kRule;
}

}  // namespace octavo
