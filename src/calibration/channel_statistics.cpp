#include "calibration/channel_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "core/channel_layout.h"
#include "octavo/error.h"

namespace octavo {
int usual_channel_axis(std::size_t rank) {
  return rank == 4 || rank == 5 ? 1 : static_cast<int>(rank) - 1;
}

void ChannelStatistics::settle(std::string_view tensor, const Shape& shape) {
  const int rank = static_cast<int>(shape.size());
  const int wanted = wanted_axis_.value_or(usual_channel_axis(shape.size()));
  const int axis = wanted < 0 ? wanted + rank : wanted;
  if (axis < 0 || axis >= rank) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("tensor '{}' of shape {} has no axis {} to have channels on", tensor,
                            to_string(shape), wanted));
  }
  const auto channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
  if (channels_.empty()) {
    axis_ = axis;
    channels_.resize(channels);
  }
  if (axis != axis_ || channels != channels_.size()) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("tensor '{}' has {} channels on axis {}, expected {} on axis {} as in "
                            "the samples before",
                            tensor, channels, axis, channels_.size(), axis_));
  }
}

void ChannelStatistics::observe(std::string_view tensor, std::uint64_t sample,
                                const TensorView& values) {
  settle(tensor, values.shape);
  const ChannelLayout layout = channel_layout(values.shape, axis_, 0);
  const std::span<const float> all(reinterpret_cast<const float*>(values.bytes.data()),
                                   values.bytes.size() / sizeof(float));
  std::vector<float> one(layout.outer * layout.inner);
  for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
    for (std::size_t outer = 0; outer < layout.outer; ++outer) {
      const auto block =
          all.subspan((outer * channels_.size() + channel) * layout.inner, layout.inner);
      std::copy(block.begin(), block.end(),
                one.begin() + static_cast<std::ptrdiff_t>(outer * layout.inner));
    }
    channels_[channel].observe(sample, one);
  }
}

bool ChannelStatistics::fits(const ChannelStatistics& other) const {
  return empty() || other.empty() ||
         (axis_ == other.axis_ && channels_.size() == other.channels_.size());
}

void ChannelStatistics::merge(const ChannelStatistics& other) {
  if (other.empty()) return;
  if (empty()) {
    *this = other;
    return;
  }
  for (std::size_t i = 0; i < channels_.size(); ++i) channels_[i].merge(other.channels_[i]);
}

std::vector<double> ChannelStatistics::magnitudes() const {
  std::vector<double> magnitudes;
  for (const TensorStatistics& channel : channels_) {
    const Sketch& sketch = channel.sketch();
    magnitudes.push_back(std::max(std::abs(static_cast<double>(sketch.min())),
                                  std::abs(static_cast<double>(sketch.max()))));
  }
  return magnitudes;
}

}  // namespace octavo
