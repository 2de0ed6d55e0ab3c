// Which samples to calibrate on: a few that stand for many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/export.h"
#include "octavo/quantize.h"

namespace octavo {

enum class SelectionMethod : std::uint8_t {
  // Samples grouped by what they do to the network's activations; the one nearest to each group's
  // centre stands for it. After "SelectQ: Calibration Data Selection for Post-Training
  // Quantization" (Zhang et al., 2023), with one clustering over all layers.
  kCluster,
  kRandom,
  kBalanced,  // as many of each label, drawn at random
};

struct SelectionOptions {
  SelectionMethod method = SelectionMethod::kCluster;
  std::size_t count = 32;
  std::uint64_t seed = 0;
  // Inputs whose correlation, once the data's mean is taken off, is above this are near-duplicates.
  double alike_above = 0.98;
  int threads = 1;
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

// Two samples that are nearly the same: consecutive frames, one photograph twice.
struct AlikeSamples {
  std::size_t first = 0;
  std::size_t second = 0;
  double correlation = 0;  // 1: the same bytes, or as good as
};

struct SampleSelection {
  std::vector<std::size_t> picks;   // positions in the dataset, ascending
  std::vector<AlikeSamples> alike;  // of the whole dataset, most alike first
  // Of each sample of the dataset, the pick that stands for it; empty but for kCluster.
  std::vector<std::size_t> stand_ins;
};

// `task` says which tensors of which model matter. The same arguments give the same picks on every
// machine and any number of threads. Throws Error(kInvalidArgument) for a count of 0 or above the
// dataset's size; Error(kInvalidData) for kBalanced without labels.
OCTAVO_API SampleSelection select_samples(const CalibrationTask& task, const Dataset& dataset,
                                          const Executor& executor,
                                          const SelectionOptions& options);

// "cluster", "random", "balanced". Throws Error(kInvalidArgument) for anything else.
OCTAVO_API SelectionMethod parse_selection_method(std::string_view name);
OCTAVO_API std::string_view to_string(SelectionMethod method);

}  // namespace octavo
