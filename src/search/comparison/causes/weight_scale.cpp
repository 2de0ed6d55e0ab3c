#include <fmt/format.h>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// What one scale a channel easily gives eight bits.
constexpr double kFineWeights = 32;

std::optional<Cause> find(const LayerComparison& layer) {
  if (!layer.weight || layer.weight->granularity != Granularity::kPerTensor) return std::nullopt;
  const double sqnr_db = layer.weight->channel_sqnr_db.value_or(kFineWeights);
  if (sqnr_db >= kFineWeights) return std::nullopt;
  return Cause{"weight-scale",
               fmt::format("one scale for all output channels leaves its weights {:.1f} dB, every "
                           "channel counting alike",
                           sqnr_db),
               "--granularity per-channel"};
}

}  // namespace

const CauseRule& weight_scale_cause() {
  static constexpr CauseRule kRule{"weight-scale",
                                   "one scale for weights whose output channels differ", find};
  return kRule;
}

}  // namespace octavo
