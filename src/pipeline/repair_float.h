// Repairs of the float model before it is calibrated, each kept only where it helps.
#pragma once

#include <span>
#include <vector>

#include "pipeline/decide.h"
#include "pipeline/repair_judge.h"
#include "repair/repair.h"

namespace octavo {

struct FloatRepairs {
  Decided decided;
  Statistics statistics;  // of the decided model
  std::vector<RepairOutcome> outcomes;
};

// Applies those of `repairs` that change the float model. Each proposal is placed, calibrated with
// `data` and quantized as widely as the target can; the one with the best signal to noise on the
// judge's samples is kept, if it beats what was before.
FloatRepairs repair_float(Decided decided, const Dataset& data, std::span<const Repair> repairs,
                          const RepairJudge& judge, const QuantizeOptions& options);

}  // namespace octavo
