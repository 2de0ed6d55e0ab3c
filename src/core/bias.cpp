#include "core/bias.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr double kLargestBias = std::numeric_limits<std::int32_t>::max() / 2;

// The product in double, stored in float; never zero, so that the codes stay finite.
float product_scale(float activation_scale, float weight_scale) {
  const double product = static_cast<double>(activation_scale) * static_cast<double>(weight_scale);
  return std::max(static_cast<float>(product), std::numeric_limits<float>::min());
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
  BiasFit fit{{weight_scales.begin(), weight_scales.end()}, 1};
  for (std::size_t i = 0; i < values.size(); ++i) {
    float& weight_scale = fit.weight_scales[weight_scales.size() == 1 ? 0 : i];
    const double unit = product_scale(activation_scale, weight_scale);
    const double factor = std::abs(static_cast<double>(values[i])) / unit / kLargestBias;
    if (!(factor > 1)) continue;
    weight_scale = static_cast<float>(static_cast<double>(weight_scale) * factor);
    fit.widened_by = std::max(fit.widened_by, factor);
  }
  return fit;
}

}  // namespace octavo
