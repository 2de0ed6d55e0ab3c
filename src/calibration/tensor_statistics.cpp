#include "calibration/tensor_statistics.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace octavo {
namespace {

bool earlier(const SampleRange& a, const SampleRange& b) { return a.sample < b.sample; }

}  // namespace

void TensorStatistics::observe(std::uint64_t sample, std::span<const float> values) {
  const Sketch::Extremes seen = sketch_.observe(values);
  if (!seen.any) return;
  const SampleRange range{sample, seen.min, seen.max};
  samples_.insert(std::upper_bound(samples_.begin(), samples_.end(), range, earlier), range);
}

void TensorStatistics::merge(const TensorStatistics& other) {
  sketch_.merge(other.sketch_);
  std::vector<SampleRange> merged;
  merged.reserve(samples_.size() + other.samples_.size());
  std::merge(samples_.begin(), samples_.end(), other.samples_.begin(), other.samples_.end(),
             std::back_inserter(merged), earlier);
  samples_ = std::move(merged);
}

}  // namespace octavo
