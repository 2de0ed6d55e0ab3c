// Repairs of a model that stores weights as codes, each kept only where it helps.
#pragma once

#include <span>

#include "pipeline/judged_repairs.h"

namespace octavo {

using WeightRepairs = JudgedRepairs<RepairedWeights>;

struct WeightRepairsTask {
  const RepairJudge* judge;  // null: there are no samples, and none of the repairs needs any
  const Executor& executor;
  const Recipe& recipe;
  int threads = 1;
  ExpectedMeans expected = {};  // as in RepairTask
};

// Applies those of `repairs` that change stored weights, in order. One that does not raise the
// signal to noise of the outputs on the judge's samples is undone.
WeightRepairs repair_weights(const WeightRepairsTask& task, RepairedWeights before,
                             std::span<const Repair> repairs);

}  // namespace octavo
