// All that is remembered of one tensor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calibration/sketch.h"

namespace octavo {

// Smallest and largest finite value of one sample: what moving averages need, in sample order.
struct SampleRange {
  std::uint64_t sample = 0;  // index in the whole dataset, not in a shard
  float min = 0;
  float max = 0;
  bool operator==(const SampleRange&) const = default;
};

class TensorStatistics {
 public:
  // The values that sample number `sample` put into the tensor. Once a sample.
  void observe(std::uint64_t sample, std::span<const float> values);
  // Exact: any split of the samples, merged in any order, gives equal statistics.
  void merge(const TensorStatistics& other);

  const Sketch& sketch() const { return sketch_; }
  // Ascending, the earliest 8,192 at most; samples without any finite value are left out.
  std::span<const SampleRange> samples() const { return samples_; }

  bool operator==(const TensorStatistics&) const = default;

 private:
  friend class StatisticsFile;

  Sketch sketch_;
  std::vector<SampleRange> samples_;
};

}  // namespace octavo
