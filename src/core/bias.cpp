#include "core/bias.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "octavo/error.h"

namespace octavo {
namespace {

// Half of int32.
constexpr double kLargestBias = std::numeric_limits<std::int32_t>::max() >> 1;
constexpr double kSmallestScale = std::numeric_limits<float>::min();

// The product in double, stored in float; never zero, so that the codes stay finite.
float product_scale(float activation_scale, float weight_scale) {
  const double product = static_cast<double>(activation_scale) * static_cast<double>(weight_scale);
  return static_cast<float>(std::max(product, kSmallestScale));
}

// The smallest weight scale whose product with the activation scale holds `value` in int32.
double needed_weight_scale(float value, float activation_scale) {
  if (value == 0) return 0;
  const double needed =
      std::max(std::abs(static_cast<double>(value)) / kLargestBias, kSmallestScale);
  return needed / static_cast<double>(activation_scale);
}

void require_finite_bias(float value, std::size_t index) {
  if (std::isfinite(value)) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("bias {} at index {}; expected a finite number", value, index));
}

void require_scale(float scale, std::string_view what) {
  if (std::isfinite(scale) && scale > 0) return;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{} scale {}; expected a finite positive number", what, scale));
}

// Rounded up, so that the bias fits for certain.
float widened_scale(double needed, float value, float activation_scale) {
  const auto nearest = static_cast<float>(needed);
  const bool is_short = static_cast<double>(nearest) < needed;
  const float scale =
      is_short ? std::nextafter(nearest, std::numeric_limits<float>::infinity()) : nearest;
  if (std::isfinite(scale)) return scale;
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("no float32 weight scale holds the bias {} in int32 beside the activation "
                  "scale {}",
                  value, activation_scale));
}

}  // namespace

QuantParams bias_params(float activation_scale, std::span<const float> weight_scales) {
  QuantParams params;
  params.scheme = {DType::kInt32, Symmetry::kSymmetric, false, 0};
  if (weight_scales.size() > 1) params.axis = 0;
  for (const float weight_scale : weight_scales) {
    params.scale.push_back(product_scale(activation_scale, weight_scale));
    params.zero_point.push_back(0);
  }
  return params;
}

BiasFit fit_bias(const Tensor& bias, float activation_scale, std::span<const float> weight_scales) {
  const auto values = bias.as<float>();
  if (weight_scales.size() != 1 && weight_scales.size() != values.size()) {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("{} weight scales for a bias of {} values",
                                                         weight_scales.size(), values.size()));
  }
  require_scale(activation_scale, "activation");
  for (const float weight_scale : weight_scales) require_scale(weight_scale, "weight");
  BiasFit fit{{weight_scales.begin(), weight_scales.end()}, 1};
  for (std::size_t i = 0; i < values.size(); ++i) {
    require_finite_bias(values[i], i);
    float& weight_scale = fit.weight_scales[weight_scales.size() == 1 ? 0 : i];
    const double needed = needed_weight_scale(values[i], activation_scale);
    if (needed <= static_cast<double>(weight_scale)) continue;
    weight_scale = widened_scale(needed, values[i], activation_scale);
  }
  for (std::size_t i = 0; i < weight_scales.size(); ++i) {
    const double factor =
        static_cast<double>(fit.weight_scales[i]) / static_cast<double>(weight_scales[i]);
    fit.widened_by = std::max(fit.widened_by, factor);
  }
  return fit;
}

}  // namespace octavo
