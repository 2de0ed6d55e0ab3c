#include "repair/channel_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>

namespace octavo {
namespace {

constexpr Range kNothingSeen = {std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()};

void widen(std::vector<Range>& ranges, std::size_t channel, Range by) {
  if (ranges.size() <= channel) ranges.resize(channel + 1, kNothingSeen);
  Range& range = ranges[channel];
  range = {std::min(range.min, by.min), std::max(range.max, by.max)};
}

Range range_of(std::span<const float> values) {
  Range range = kNothingSeen;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    range.min = std::min(range.min, static_cast<double>(value));
    range.max = std::max(range.max, static_cast<double>(value));
  }
  return range;
}

}  // namespace

std::vector<std::vector<Range>> channel_ranges(const StagedRun& run, const Model& model,
                                               std::span<const ChannelTensor> tensors) {
  std::vector<std::string> names;
  for (const ChannelTensor& tensor : tensors) names.push_back(tensor.tensor);
  std::vector<std::vector<Range>> result(tensors.size());
  std::mutex mutex;
  run.observe(model, names,
              [&](std::size_t /*sample*/, std::size_t tensor, const TensorView& values) {
                std::vector<Range> found;
                for_each_channel_slice(values, tensors[tensor], [&](std::size_t c, auto slice) {
                  widen(found, c, range_of(slice));
                });
                const std::scoped_lock lock(mutex);
                for (std::size_t c = 0; c < found.size(); ++c) widen(result[tensor], c, found[c]);
              });
  return result;
}

double largest_magnitude(const Range& range) {
  return range.min > range.max ? 0 : std::max(std::abs(range.min), std::abs(range.max));
}

}  // namespace octavo
