// How good a network is on samples kept aside, by the project's own metrics.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "octavo/dataset.h"
#include "train/batches.h"
#include "train/operators/operator.h"

namespace octavo {

Values to_values(const Batch& batch, at::Device device);

struct ScoredData {
  const Dataset& data;
  std::span<const std::size_t> samples;
  std::size_t batch = 64;
  at::Device device = at::kCPU;
};

// What a network gives for a batch.
using Answer = std::function<Values(const Batch& batch)>;

// The metric's value over `scored.samples`, of the first outputs of `run`; the reference of a
// metric that needs one is what `reference` gives. No gradients.
double score_network(const ScoredData& scored, const std::string& metric, const Answer& run,
                     const Answer& reference);

}  // namespace octavo
