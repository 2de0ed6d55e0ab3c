#include "calibration/weight_ranges.h"

#include "calibration/tensor_statistics.h"

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

Range range_of(std::span<const float> values, const CalibratorSpec& calibrator,
               const Scheme& scheme) {
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

}  // namespace octavo
