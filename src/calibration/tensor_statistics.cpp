#include "calibration/tensor_statistics.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace octavo {
namespace {

// The earliest so many: of a union, they are those of its parts, so that merging stays exact and
// free of order, and memory does not grow with the samples.
constexpr std::size_t kMostSampleRanges = 8192;

bool earlier(const SampleRange& a, const SampleRange& b) { return a.sample < b.sample; }

}  // namespace

void TensorStatistics::observe(std::uint64_t sample, std::span<const float> values) {
  const Sketch::Extremes seen = sketch_.observe(values);
  if (!seen.any) return;
  const SampleRange range{sample, seen.min, seen.max};
  const bool is_full = samples_.size() == kMostSampleRanges;
  if (is_full && earlier(samples_.back(), range)) return;
  if (is_full) samples_.pop_back();
  samples_.insert(std::upper_bound(samples_.begin(), samples_.end(), range, earlier), range);
}

void TensorStatistics::merge(const TensorStatistics& other) {
  sketch_.merge(other.sketch_);
  std::vector<SampleRange> merged;
  merged.reserve(samples_.size() + other.samples_.size());
  std::merge(samples_.begin(), samples_.end(), other.samples_.begin(), other.samples_.end(),
             std::back_inserter(merged), earlier);
  if (merged.size() > kMostSampleRanges) merged.resize(kMostSampleRanges);
  samples_ = std::move(merged);
}

}  // namespace octavo
