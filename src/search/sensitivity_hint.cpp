#include "search/sensitivity_hint.h"

#include <fmt/format.h>

namespace octavo {
namespace {

// A normal distribution spans 8 to 10 of its standard deviations in a million values, what a Relu
// leaves of it about as many: beyond this, a few values stretch the scale of all others.
constexpr double kOutliers = 25;
constexpr double kUnevenChannels = 20;  // one scale leaves the median channel 4 to 5 bits fewer
// Of the values. Fewer are lost on purpose, where that makes the others finer.
constexpr double kClipped = 1e-4;
// Eight bits that are used well give 35 dB and more: at this, something is the matter.
constexpr double kHealthyDecibels = 25;

std::string weight_hint(const QuantizerError& weight, const LayerSensitivity& layer) {
  if (weight.unevenness > kUnevenChannels) {
    if (layer.weight_granularity == Granularity::kPerTensor) {
      return fmt::format(
          "the widest channel's weights are {:.0f} x the median channel's: try --granularity "
          "per-channel, or equalization",
          weight.unevenness);
    }
    // Scales of their own serve the weights; the result has one for all.
    if (layer.activation && layer.output_sqnr_db < kHealthyDecibels) {
      return fmt::format(
          "the widest channel's weights are {:.0f} x the median channel's, and all channels of the "
          "result share one scale: equalization would help",
          weight.unevenness);
    }
  }
  if (weight.clipped_share > kClipped && weight.sqnr_db < kHealthyDecibels) {
    return fmt::format("{:.2g} % of its weights are clipped: try --weight-calibrator max",
                       100 * weight.clipped_share);
  }
  return {};
}

std::string activation_hint(const QuantizerError& activation) {
  if (activation.clipped_share > kClipped && activation.sqnr_db < kHealthyDecibels) {
    return fmt::format("{:.2g} % of the activation's values are clipped: try --calibrator min-max",
                       100 * activation.clipped_share);
  }
  if (activation.unevenness > kOutliers) {
    return fmt::format(
        "the activation's range is {:.0f} x its standard deviation, outliers: try --calibrator "
        "percentile:99.99",
        activation.unevenness);
  }
  return {};
}

}  // namespace

std::string sensitivity_hint(const LayerSensitivity& layer) {
  const std::string of_weight = layer.weight ? weight_hint(*layer.weight, layer) : "";
  const std::string of_activation = layer.activation ? activation_hint(*layer.activation) : "";
  const bool weight_is_worse = !layer.activation || !layer.weight ||
                               layer.weight->unevenness > kUnevenChannels ||
                               layer.weight->sqnr_db < layer.activation->sqnr_db;
  if (of_weight.empty() || of_activation.empty()) return of_weight + of_activation;
  return weight_is_worse ? of_weight : of_activation;
}

}  // namespace octavo
