// The loop: batches, gradients, steps, evaluations, checkpoints.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "ranks/ranks.h"

namespace octavo {

struct TrainingResult {
  double float_value = 0;    // of the metric, on what is kept aside
  double start_value = 0;    // of the quantized model before
  double trained_value = 0;  // and after
  std::string metric;
  std::size_t held_out_samples = 0;
  bool stopped_early = false;
};

// Does what `folder` says (training_task.h), from its checkpoint if there is one, and writes
// trained.onnx: the best of all evaluated states, the start among them. Throws Error as its parts
// do, and Error(kInvalidArgument) for data that are too few, a device that is not there, or a
// checkpoint of another task.
// As one of several ranks, `folder` is one that all of them see: each takes its own samples, and
// the first writes.
TrainingResult train(const std::filesystem::path& folder, const Ranks& ranks = Ranks());

}  // namespace octavo
