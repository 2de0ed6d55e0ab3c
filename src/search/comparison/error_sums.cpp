#include "search/comparison/error_sums.h"

#include <algorithm>
#include <cmath>

#include "core/decibels.h"
#include "search/local_error.h"

namespace octavo {

ChannelStride channel_stride(const Shape& shape, std::size_t axis) {
  if (shape.empty()) return {};
  axis = std::min(axis, shape.size() - 1);
  const Shape inner(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end());
  return {static_cast<std::size_t>(shape[axis]), element_count(inner)};
}

void ErrorSums::add(std::span<const float> exact, std::span<const float> approximate,
                    ChannelStride stride) {
  channels_.resize(std::max(channels_.size(), stride.channels));
  for (std::size_t begin = 0, channel = 0; begin < exact.size(); begin += stride.inner, ++channel) {
    Sums& sums = channels_[channel % stride.channels];
    for (std::size_t i = begin; i < begin + stride.inner; ++i) {
      const double x = exact[i];
      const double y = approximate[i];
      sums.signal += x * x;
      sums.noise += (y - x) * (y - x);
      sums.product += x * y;
      sums.power += y * y;
    }
  }
}

TensorError ErrorSums::error() const {
  Sums whole;
  double shares = 0;
  std::size_t alive = 0;
  for (const Sums& sums : channels_) {
    whole.signal += sums.signal;
    whole.noise += sums.noise;
    whole.product += sums.product;
    whole.power += sums.power;
    if (sums.signal == 0) continue;
    ++alive;
    // Not std::min, which would hide a NaN.
    const double share = sums.noise / sums.signal;
    shares += share > 1 ? 1 : share;
  }
  TensorError error;
  error.sqnr_db = signal_to_noise_db(whole.signal, whole.noise);
  error.channel_sqnr_db =
      alive == 0 ? error.sqnr_db : signal_to_noise_db(static_cast<double>(alive), shares);
  const double lengths = std::sqrt(whole.signal * whole.power);
  error.cosine = lengths > 0 ? whole.product / lengths : (whole.noise == 0 ? 1 : 0);
  error.relative_error = whole.noise == 0 ? 0 : std::sqrt(whole.noise / whole.signal);
  return error;
}

}  // namespace octavo
