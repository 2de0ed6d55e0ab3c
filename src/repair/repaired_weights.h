// A model of a mode that stores weights as codes, while it is being repaired.
#pragma once

#include <vector>

#include "modes/weight_plan.h"
#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "octavo/recipe.h"
#include "octavo/repair.h"
#include "repair/expected_means.h"

namespace octavo {

// What write_weights() makes the quantized model of. `plan` is what plan_weights() made of
// `selection`, entry by entry, with other scales maybe.
struct RepairedWeights {
  Model model;
  WeightSelection selection;
  WeightPlan plan;
};

// What a repair of weights works with. All of it outlives the call.
struct WeightRepairTask {
  const Dataset& data;  // samples to repair on; none for a repair without data
  const Executor& executor;
  const Recipe& recipe;
  int threads = 1;
  ExpectedMeans expected = {};  // as in RepairTask
};

struct WeightRepairResult {
  RepairedWeights repaired;
  std::vector<RepairNote> changes;
  std::vector<RepairNote> refusals;
};

// The weights of `node` that are its second input, which must be planned.
PlannedWeight& planned_weight(WeightPlan& plan, std::string_view node);

// The model with the real values of its codes as weights: what the written model computes, without
// the codes. A weight that several nodes read stays as it is.
Model with_code_values(const Model& model, const WeightPlan& plan);

}  // namespace octavo
