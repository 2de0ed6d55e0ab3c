#include "train/schedule.h"

#include <cmath>
#include <numbers>

namespace octavo {

double learning_rate_at(std::int64_t step, std::int64_t steps, const TrainingOptions& options) {
  const double warm = std::floor(options.warmup * static_cast<double>(steps));
  const auto now = static_cast<double>(step);
  if (now < warm) return options.learning_rate * (now + 1) / (warm + 1);
  const double rest = static_cast<double>(steps) - warm;
  const double way = rest <= 1 ? 1 : (now - warm) / (rest - 1);
  const double lowest = options.learning_rate * options.final_rate;
  return lowest + (options.learning_rate - lowest) * (1 + std::cos(std::numbers::pi * way)) / 2;
}

}  // namespace octavo
