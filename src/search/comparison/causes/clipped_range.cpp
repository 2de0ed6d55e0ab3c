#include <fmt/format.h>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

// Fewer are lost on purpose, where that makes the others finer.
constexpr double kClipped = 1e-4;

std::optional<Cause> find(const LayerComparison& layer) {
  if (layer.quantizer && layer.quantizer->clipped_share > kClipped &&
      layer.quantizer->rounding_sqnr_db < kHealthyDecibels) {
    const ResultQuantizer& quantizer = *layer.quantizer;
    return Cause{"clipped-range",
                 fmt::format("{:.2g} % of its values lie beyond the codes, which reach {:.3g} to "
                             "{:.3g} where {:.3g} to {:.3g} were seen",
                             100 * quantizer.clipped_share, quantizer.covered.min,
                             quantizer.covered.max, quantizer.seen.min, quantizer.seen.max),
                 "--calibrator min-max"};
  }
  if (layer.weight && layer.weight->clipped_share > kClipped &&
      layer.weight->sqnr_db.value_or(kHealthyDecibels) < kHealthyDecibels) {
    return Cause{
        "clipped-range",
        fmt::format("{:.2g} % of its weights are clipped", 100 * layer.weight->clipped_share),
        "--weight-calibrator max"};
  }
  return std::nullopt;
}

}  // namespace

const CauseRule& clipped_range_cause() {
  static constexpr CauseRule kRule{"clipped-range", "values or weights beyond what the codes reach",
                                   find};
  return kRule;
}

}  // namespace octavo
