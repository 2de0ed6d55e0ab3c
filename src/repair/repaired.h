// A quantized model while it is being repaired.
#pragma once

#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "octavo/repair.h"
#include "plan/plan.h"
#include "repair/expected_means.h"

namespace octavo {

// What rewrite() makes the quantized model of. Repairs change weights and biases in `model`, so
// that other codes come out; the plan's scales stay.
struct Repaired {
  Model model;
  Plan plan;
};

// What a repair works with. All of it outlives the call.
struct RepairTask {
  const Model& reference;  // prepared, float: what the quantized model should compute
  const Dataset& data;     // samples to repair on; none for a repair without data
  const Executor& executor;
  int threads = 1;
  ExpectedMeans expected = {};  // of the model as it was given; for repairs without data
};

struct RepairResult {
  Repaired repaired;
  std::vector<RepairNote> changes;
  std::vector<RepairNote> refusals;
};

}  // namespace octavo
