// Repairs of the codes of a planned model, each kept only where it helps.
#pragma once

#include <span>

#include "pipeline/coverage.h"
#include "pipeline/judged_repairs.h"

namespace octavo {

using CodeRepairs = JudgedRepairs<Repaired>;  // of the prepared model and the plan

struct CodeRepairTask {
  const Model& prepared;     // that the plan was made from
  const RepairJudge* judge;  // null: there are no samples, and none of the repairs needs any
  const Executor& executor;
  int threads = 1;
  ExpectedMeans expected = {};  // as in RepairTask
};

// Applies those of `repairs` that change codes to `plan`, in order. One that does not raise the
// signal to noise of the outputs on the judge's samples is undone.
CodeRepairs repair_codes(const CodeRepairTask& task, Plan plan, std::span<const Repair> repairs);

}  // namespace octavo
