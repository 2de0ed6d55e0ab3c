#include <fmt/format.h>

#include "search/comparison/causes/cause.h"

namespace octavo {
namespace {

std::optional<Cause> find(const LayerComparison& layer) {
  if (!layer.bias || layer.bias->saturated_share == 0) return std::nullopt;
  return Cause{
      "saturated-bias",
      fmt::format("{:.2g} % of its biases are cut off at the ends of int32, because their "
                  "channels' weights are tiny; `octavo quantize` widens such weights' scales",
                  100 * layer.bias->saturated_share),
      "--granularity per-tensor"};
}

}  // namespace

const CauseRule& saturated_bias_cause() {
  static constexpr CauseRule kRule{
      "saturated-bias", "biases that do not fit int32 at the scale of input times weight", find};
  return kRule;
}

}  // namespace octavo
