// Repairs of the codes of a planned model, each kept only where it helps.
#pragma once

#include <span>
#include <vector>

#include "pipeline/coverage.h"
#include "pipeline/repair_judge.h"
#include "repair/repair.h"

namespace octavo {

struct CodeRepairs {
  Repaired repaired;  // the prepared model and the plan, with what was kept
  Model quantized;
  std::vector<RepairOutcome> outcomes;
};

struct CodeRepairTask {
  const Model& prepared;  // that the plan was made from
  const RepairJudge& judge;
  const Executor& executor;
  int threads = 1;
};

// Applies those of `repairs` that change codes to `plan`, in order. One that does not raise the
// signal to noise of the outputs on the judge's samples is undone.
CodeRepairs repair_codes(const CodeRepairTask& task, Plan plan, std::span<const Repair> repairs);

}  // namespace octavo
