// What a sample does to a network, and what it looks like, in a few numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/select.h"
#include "search/clusters.h"

namespace octavo {

struct SampleFeatures {
  // Of each observed tensor: mean, root mean square, smallest and largest value; each number
  // standardized over the samples.
  Points activations;
  // A random projection of the inputs, the data's mean taken off: keeps angles and distances
  // (count sketch: Charikar, Chen, Farach-Colton, 2002).
  Points inputs;
  std::vector<std::uint64_t> hashes;  // of the inputs' bytes
};

SampleFeatures sample_features(const CalibrationTask& task, const Dataset& dataset,
                               const Executor& executor, const SelectionOptions& options);

// Pairs whose inputs correlate above `alike_above`, most alike first.
std::vector<AlikeSamples> alike_samples(const SampleFeatures& features, double alike_above);

}  // namespace octavo
