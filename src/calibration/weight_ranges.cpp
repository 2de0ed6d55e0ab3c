#include "calibration/weight_ranges.h"

#include <algorithm>
#include <cmath>

#include "calibration/calibrator.h"
#include "calibration/tensor_statistics.h"
#include "core/channel_layout.h"

namespace octavo {
namespace {

// The elements of slice `channel` along `axis`, in order.
std::vector<float> slice(const Tensor& weight, int axis, std::size_t channel) {
  const auto values = weight.as<float>();
  const Shape& shape = weight.shape();
  std::size_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < shape.size(); ++i) {
    inner *= static_cast<std::size_t>(shape[i]);
  }
  const std::size_t block = inner * static_cast<std::size_t>(shape[axis]);
  std::vector<float> result;
  for (std::size_t start = channel * inner; start < values.size(); start += block) {
    const auto part = values.subspan(start, inner);
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

// Calibrators that need the extremes only do without a sketch, which costs more than a block.
std::optional<Range> range_of_extremes(std::span<const float> values,
                                       const CalibratorSpec& calibrator) {
  if (calibrator.name != "max" && calibrator.name != "min-max") return std::nullopt;
  bool any = false;
  Range seen;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    seen = any ? Range{std::min<double>(seen.min, value), std::max<double>(seen.max, value)}
               : Range{value, value};
    any = true;
  }
  return calibrator.name == "max" ? max_range(seen.min, seen.max) : seen;
}

Range range_of(std::span<const float> values, const CalibratorSpec& calibrator,
               const Scheme& scheme) {
  if (const auto range = range_of_extremes(values, calibrator)) return *range;
  TensorStatistics statistics;
  statistics.observe(0, values);
  return calibrated_range(statistics, calibrator, scheme).range;
}

}  // namespace

std::vector<Range> weight_ranges(const Tensor& weight, std::optional<int> axis,
                                 const CalibratorSpec& calibrator, const Scheme& scheme) {
  if (!axis) return {range_of(weight.as<float>(), calibrator, scheme)};
  std::vector<Range> ranges;
  for (std::int64_t channel = 0; channel < weight.shape()[*axis]; ++channel) {
    ranges.push_back(
        range_of(slice(weight, *axis, static_cast<std::size_t>(channel)), calibrator, scheme));
  }
  return ranges;
}

std::vector<Range> block_ranges(const Tensor& weight, int axis, std::int64_t block_size,
                                const CalibratorSpec& calibrator, const Scheme& scheme) {
  const ChannelLayout layout = channel_layout(weight.shape(), axis, block_size);
  const auto values = weight.as<float>();
  std::vector<Range> ranges;
  ranges.reserve(layout.scales());
  std::vector<float> block;
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    for (std::size_t begin = 0; begin < layout.channels; begin += layout.block) {
      const std::size_t end = std::min(begin + layout.block, layout.channels);
      for (std::size_t offset = 0; offset < layout.inner; ++offset) {
        block.clear();
        for (std::size_t channel = begin; channel < end; ++channel) {
          block.push_back(values[(outer * layout.channels + channel) * layout.inner + offset]);
        }
        ranges.push_back(range_of(block, calibrator, scheme));
      }
    }
  }
  return ranges;
}

}  // namespace octavo
