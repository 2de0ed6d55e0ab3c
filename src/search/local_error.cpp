#include "search/local_error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "calibration/expected_error.h"
#include "core/channel_layout.h"
#include "core/decibels.h"
#include "search/timing.h"

namespace octavo {
namespace {

// Weight decay leaves channels that died at 1e-20 and less. Beside the widest, float32 cannot tell
// such from 0.
constexpr double kDead = std::numeric_limits<float>::epsilon();
constexpr double kHalfStep = 0.501;  // what rounding may do, and a little for float32's own

QuantizerError described(const QuantParams& params, const Range& seen) {
  QuantizerError error;
  error.seen = seen;
  error.covered = covered_range(params);
  error.scale = *std::max_element(params.scale.begin(), params.scale.end());
  return error;
}

}  // namespace

Range covered_range(const QuantParams& params) {
  const CodeRange codes = code_range(params.scheme);
  const auto widest = std::max_element(params.scale.begin(), params.scale.end());
  const auto zero_point = params.zero_point[widest - params.scale.begin()];
  const double scale = *widest;
  return {(codes.min - zero_point) * scale, (codes.max - zero_point) * scale};
}

std::vector<double> channel_magnitudes(const Tensor& weight, int axis) {
  QuantParams layout_of{.axis = axis};
  const auto channels = static_cast<std::size_t>(weight.shape()[axis]);
  layout_of.scale.assign(channels, 1.0F);
  layout_of.zero_point.assign(channels, 0);
  const ChannelLayout layout = channel_layout(weight.shape(), layout_of);
  const auto values = weight.as<float>();
  std::vector<double> magnitudes(channels, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& magnitude = magnitudes[i / layout.inner % channels];
    magnitude = std::max(magnitude, std::abs(static_cast<double>(values[i])));
  }
  return magnitudes;
}

double widest_over_median(std::vector<double> magnitudes) {
  if (magnitudes.empty()) return 1;
  const double widest = *std::max_element(magnitudes.begin(), magnitudes.end());
  std::erase_if(magnitudes, [&](double own) { return own <= kDead * widest; });
  return magnitudes.empty() ? 1 : widest / median(std::move(magnitudes));
}

QuantizerError activation_error(const Sketch& sketch, const QuantParams& params) {
  QuantizerError error = described(params, {sketch.min(), sketch.max()});
  const std::vector<Sketch::Bin> bins = sketch.bins();
  double signal = 0;
  double clipped = 0;
  for (const Sketch::Bin& bin : bins) {
    const auto count = static_cast<double>(bin.count);
    const double value = bin.middle();
    signal += count * value * value;
    // Within half a step, the last code is the nearest one all the same.
    const bool inside = value >= error.covered.min - error.scale / 2 &&
                        value <= error.covered.max + error.scale / 2;
    clipped += inside ? 0 : count;
  }
  const auto count = static_cast<double>(std::max<std::uint64_t>(sketch.finite(), 1));
  const double noise = expected_error(bins, {params.scale.front(), params.zero_point.front()},
                                      params.scheme, std::numeric_limits<double>::infinity());
  error.sqnr_db = signal_to_noise_db(signal / count, noise);
  error.clipped_share = clipped / count;
  const double deviation = sketch.standard_deviation();
  error.unevenness = deviation > 0 ? (error.seen.max - error.seen.min) / deviation : 0;
  return error;
}

QuantizerError weight_error(const Tensor& weight, const QuantParams& params,
                            std::optional<int> channel_axis) {
  const auto values = weight.as<float>();
  if (values.empty()) return described(params, {});
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  QuantizerError error = described(params, {*lowest, *highest});
  const Tensor rounded = fake_quantize(weight, params);
  const ChannelLayout layout = channel_layout(weight.shape(), params);
  const CodeRange codes = code_range(params.scheme);
  double signal = 0;
  double noise = 0;
  double clipped = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    const double difference = rounded.as<float>()[i] - value;
    signal += value * value;
    noise += difference * difference;
    const std::size_t channel = i / layout.inner % layout.channels;
    const double code = value / params.scale[channel] + params.zero_point[channel];
    clipped += code < codes.min - kHalfStep || code > codes.max + kHalfStep ? 1 : 0;
  }
  error.sqnr_db = signal_to_noise_db(signal, noise);
  error.clipped_share = clipped / static_cast<double>(values.size());
  error.unevenness =
      channel_axis ? widest_over_median(channel_magnitudes(weight, *channel_axis)) : 1;
  return error;
}

}  // namespace octavo
