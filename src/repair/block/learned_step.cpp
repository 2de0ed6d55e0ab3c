#include "repair/block/learned_step.h"

#include <cmath>
#include <cstdint>

namespace octavo {

double step_backward(const Tensor& x, const Tensor& quantized, float step, const Tensor& gradient,
                     std::span<const std::uint8_t> taken, Tensor& below) {
  const auto before = x.as<float>();
  const auto after = quantized.as<float>();
  const auto above = gradient.as<float>();
  const auto result = below.mutable_as<float>();
  // A little more than half a step: float's rounding is no clipping.
  const float near = 0.5001F * step;
  double by_step = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!taken.empty() && taken[i] == 0) {
      result[i] += above[i];
      continue;
    }
    const float moved = after[i] - before[i];
    const bool is_clipped = std::abs(moved) > near;
    by_step += static_cast<double>(above[i] * (is_clipped ? after[i] : moved));
    result[i] += is_clipped ? 0.0F : above[i];
  }
  return by_step;
}

}  // namespace octavo
