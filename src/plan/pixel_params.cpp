#include "plan/pixel_params.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace octavo {
namespace {

constexpr double kHighestPixel = 255;
constexpr double kWhole = 1e-6;  // of a pixel: the mean was written in decimals

bool all_alike(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

}  // namespace

std::optional<ScaleZeroPoint> pixel_params(const Normalization& normalization) {
  const auto& [divide, mean, deviation, multiply] = normalization;
  if (!all_alike(mean) || !all_alike(deviation)) return std::nullopt;
  const double zero = mean.front() * divide;
  const double scale = multiply / (divide * deviation.front());
  const bool whole = std::abs(zero - std::nearbyint(zero)) < kWhole;
  if (!whole || zero < 0 || zero > kHighestPixel || !(scale > 0)) return std::nullopt;
  return ScaleZeroPoint{static_cast<float>(scale), static_cast<std::int32_t>(std::nearbyint(zero))};
}

IoParams pixel_meaning(const Normalization& normalization) {
  const auto& [divide, mean, deviation, multiply] = normalization;
  const auto at = [](const std::vector<double>& values, std::size_t c) {
    return values.size() == 1 ? values.front() : values.at(c);
  };
  IoParams params;
  for (std::size_t c = 0; c < std::max(mean.size(), deviation.size()); ++c) {
    params.scale.push_back(multiply / (divide * at(deviation, c)));
    params.zero_point.push_back(at(mean, c) * divide);
  }
  return params;
}

}  // namespace octavo
