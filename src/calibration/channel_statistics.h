// What is remembered of one tensor's channels, each by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "calibration/tensor_statistics.h"
#include "octavo/executor.h"
#include "octavo/tensor.h"

namespace octavo {

// Where a tensor of `rank` dimensions has its channels if nobody says: the second dimension of an
// image (NCHW, NCDHW), the last one of anything else.
int usual_channel_axis(std::size_t rank);

class ChannelStatistics {
 public:
  // `axis` may count from the end; none: the usual one.
  explicit ChannelStatistics(std::optional<int> axis = std::nullopt) : wanted_axis_(axis) {}

  // The values that sample number `sample` put into the tensor, float32. Once a sample. Throws
  // Error(kInvalidData), naming `tensor`, if it has no such axis, or not the channels of the
  // samples before.
  void observe(std::string_view tensor, std::uint64_t sample, const TensorView& values);
  // Can the two be merged? Not with another axis or number of channels.
  bool fits(const ChannelStatistics& other) const;
  // Exact, like TensorStatistics::merge. `other` must fit.
  void merge(const ChannelStatistics& other);

  // Nothing was observed: no channels.
  bool empty() const { return channels_.empty(); }
  int axis() const { return axis_; }
  const std::vector<TensorStatistics>& channels() const { return channels_; }

  // The largest magnitude that each channel had.
  std::vector<double> magnitudes() const;

  bool operator==(const ChannelStatistics& other) const {
    return axis_ == other.axis_ && channels_ == other.channels_;
  }

 private:
  friend class StatisticsFile;

  void settle(std::string_view tensor, const Shape& shape);

  std::optional<int> wanted_axis_;
  int axis_ = 0;
  std::vector<TensorStatistics> channels_;
};

}  // namespace octavo
