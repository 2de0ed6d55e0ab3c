#include "search/comparison/layer_sums.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "search/local_error.h"

namespace octavo {
namespace {

constexpr double kStarved = 1.0 / 32;

// A channel that is always 0 needs no codes.
std::size_t starved_channels(const std::vector<double>& magnitudes) {
  const double widest = *std::max_element(magnitudes.begin(), magnitudes.end());
  return static_cast<std::size_t>(std::count_if(
      magnitudes.begin(), magnitudes.end(),
      [&](double magnitude) { return magnitude > 0 && magnitude < kStarved * widest; }));
}

}  // namespace

LayerSums::LayerSums(ChannelStride stride, std::optional<QuantParams> params)
    : stride_(stride), params_(std::move(params)), channel_magnitudes_(stride.channels, 0) {}

void LayerSums::add_exact(const Tensor& exact) {
  const auto values = exact.as<float>();
  if (values.empty()) return;
  if (count_ == 0) seen_ = {values.front(), values.front()};
  const Range covered = params_ ? covered_range(*params_) : Range{};
  const double half_step = params_ ? params_->scale.front() / 2.0 : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    double& magnitude = channel_magnitudes_[i / stride_.inner % stride_.channels];
    magnitude = std::max(magnitude, std::abs(value));
    seen_ = {std::min(seen_.min, value), std::max(seen_.max, value)};
    sum_ += value;
    squares_ += value * value;
    const bool inside = value >= covered.min - half_step && value <= covered.max + half_step;
    clipped_ += inside ? 0 : 1;
  }
  count_ += values.size();
  if (params_) rounding_.add(values, fake_quantize(exact, *params_).as<float>(), stride_);
}

void LayerSums::add_so_far(std::span<const float> exact, std::span<const float> quantized) {
  so_far_.add(exact, quantized, stride_);
}

void LayerSums::add_own(std::span<const float> exact, std::span<const float> quantized) {
  own_.add(exact, quantized, stride_);
}

void LayerSums::add_inherited(std::span<const float> exact, std::span<const float> inherited) {
  inherited_.add(exact, inherited, stride_);
}

void LayerSums::add_passed_on(std::span<const float> exact, std::span<const float> passed_on) {
  passed_on_.add(exact, passed_on, stride_);
}

ResultQuantizer LayerSums::quantizer(const QuantParams& params) const {
  const auto count = static_cast<double>(std::max<std::size_t>(count_, 1));
  ResultQuantizer result;
  result.dtype = params.scheme.dtype;
  result.scale = params.scale.front();
  result.covered = covered_range(params);
  result.seen = seen_;
  result.deviation = std::sqrt(std::max(squares_ / count - sum_ / count * (sum_ / count), 0.0));
  result.clipped_share = static_cast<double>(clipped_) / count;
  result.rounding_sqnr_db = rounding_.error().sqnr_db;
  return result;
}

void LayerSums::finish(LayerComparison& layer) const {
  layer.so_far = so_far_.error();
  layer.own = own_.error();
  layer.channels = stride_.channels;
  layer.channel_spread = widest_over_median(channel_magnitudes_);
  layer.starved_channels = starved_channels(channel_magnitudes_);
  if (params_) layer.quantizer = quantizer(*params_);
}

double LayerSums::magnitude() const { return std::max(std::abs(seen_.min), std::abs(seen_.max)); }

}  // namespace octavo
