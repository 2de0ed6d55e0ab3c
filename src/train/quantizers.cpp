#include "train/quantizers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "train/constants.h"
#include "train/fake_quantize.h"

namespace octavo {
namespace {

constexpr double kLargestBias = 1 << 30;  // half of int32: core/bias.cpp
// Just inside a code's range: at its very end the neighbour would be as near.
constexpr double kInside = 0.499;

// Esser et al. 2020 (LSQ) section 2.2: makes scales move about as fast as weights.
double scale_gradient(double elements, double codes) {
  return 1 / std::sqrt(std::max(elements * codes, 1.0));
}

at::Tensor floats_of(const std::vector<std::int32_t>& numbers, const at::Tensor& like) {
  const std::vector<float> values(numbers.begin(), numbers.end());
  return at::tensor(values, at::kFloat).to(like.device());
}

at::Tensor along_axis(const at::Tensor& entries, const at::Tensor& x, std::optional<int> axis) {
  if (!axis) return entries.reshape({});
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[static_cast<std::size_t>(*axis)] = -1;
  return entries.reshape(shape);
}

}  // namespace

double farthest_from(double zero_point, CodeRange codes) {
  return std::max(std::abs(codes.min - zero_point), std::abs(codes.max - zero_point));
}

at::Tensor ActivationQuantizer::zero_point() const {
  if (!offset.defined()) return fixed_zero_point;
  const at::NoGradGuard no_gradients;
  return at::clamp(at::round(-offset / scale), codes.min, codes.max);
}

at::Tensor ActivationQuantizer::forward(const at::Tensor& x) const {
  const at::Tensor zero = zero_point();
  const double features = x.dim() == 0
                              ? 1
                              : static_cast<double>(x.numel()) /
                                    static_cast<double>(std::max<std::int64_t>(x.size(0), 1));
  return fake_quantize(x, scale, zero, offset,
                       {codes, -1, scale_gradient(features, farthest_code)});
}

at::Tensor WeightQuantizer::forward() const {
  const double elements = static_cast<double>(latent.numel()) / static_cast<double>(scale.numel());
  const CodeRange codes = code_range(scheme);
  const double farthest = farthest_from(zero_point.front(), codes);
  return fake_quantize(latent, scale, floats_of(zero_point, latent), {},
                       {codes, axis.value_or(-1), scale_gradient(elements, farthest)});
}

QuantParams WeightQuantizer::params() const {
  const Tensor scales = from_torch(scale);
  const auto values = scales.as<float>();
  return {scheme, {values.begin(), values.end()}, zero_point, axis};
}

at::Tensor BiasQuantizer::scale() const {
  const at::NoGradGuard no_gradients;
  const at::Tensor product = activation_scale.to(at::kDouble) * weight_scale.to(at::kDouble);
  return product.clamp_min(static_cast<double>(std::numeric_limits<float>::min())).to(at::kFloat);
}

at::Tensor BiasQuantizer::forward() const {
  const at::Tensor step = along_axis(scale(), latent, axis);
  return straight_through(at::round(latent.detach() / step) * step, latent);
}

void BiasQuantizer::keep_in_range() const {
  const at::NoGradGuard no_gradients;
  const at::Tensor needed = latent.abs().flatten() / (activation_scale * kLargestBias);
  weight_scale.copy_(
      at::maximum(weight_scale, weight_scale.numel() == 1 ? needed.max().reshape({1}) : needed));
}

at::Tensor start_within_code(const at::Tensor& value, const at::Tensor& codes,
                             const QuantParams& params) {
  const std::optional<int> axis = params.axis;
  const at::Tensor scale = along_axis(at::tensor(params.scale, at::kFloat), value, axis);
  const at::Tensor zero_point = along_axis(floats_of(params.zero_point, value), value, axis);
  const CodeRange range = code_range(params.scheme);
  const double infinity = std::numeric_limits<double>::infinity();
  const at::Tensor whole = codes - zero_point;
  const at::Tensor lowest = ((whole - kInside) * scale).masked_fill(codes <= range.min, -infinity);
  const at::Tensor highest = ((whole + kInside) * scale).masked_fill(codes >= range.max, infinity);
  return at::minimum(at::maximum(value, lowest), highest).contiguous();
}

}  // namespace octavo
