// From what a quantization knew to the files that its report is made of.
#pragma once

#include "octavo/dataset.h"
#include "octavo/model.h"
#include "pipeline/evidence.h"
#include "report/run_folder.h"

namespace octavo {

struct CollectOptions {
  // What was calibrated on, as it was given; null where there were only statistics.
  const Dataset* data = nullptr;
  int threads = 1;
  int latency_threads = 1;
};

// Writes graph.json, tensors.json, weights.json and samples.json. Beside what is known already,
// both models run some 40 times for the times of their nodes, and on four samples for the error
// along the depth. `given` is the model as the user gave it.
void collect(const Evidence& evidence, const Model& given, const CollectOptions& options,
             const RunFolder& folder);

}  // namespace octavo
