#include "pipeline/repair_weights.h"

#include <utility>

#include "modes/write_weights.h"

namespace octavo {

WeightRepairs repair_weights(const WeightRepairsTask& task, RepairedWeights before,
                             std::span<const Repair> repairs) {
  const RepairJudge& judge = task.judge;
  WeightRepairs result{std::move(before), {}, {}};
  result.quantized = write_weights(result.repaired.model, result.repaired.plan);
  const WeightRepairTask repair_task{judge.repair_samples(), task.executor, task.recipe,
                                     task.threads};
  SampleNoise best = judge.noise_of(result.quantized);
  for (const Repair& repair : repairs) {
    if (repair.apply_to_weights == nullptr) continue;
    WeightRepairResult tried = repair.apply_to_weights(repair_task, result.repaired);
    RepairOutcome outcome = begin_outcome(repair.info.name, judge, best);
    outcome.changes = std::move(tried.changes);
    outcome.refusals = std::move(tried.refusals);
    if (!outcome.changes.empty()) {
      Model quantized = write_weights(tried.repaired.model, tried.repaired.plan);
      SampleNoise noise = judge.noise_of(quantized);
      outcome.after_db = mean_db(noise);
      outcome.kept = is_better(noise, best);
      if (outcome.kept) {
        best = std::move(noise);
        result.repaired = std::move(tried.repaired);
        result.quantized = std::move(quantized);
      }
    }
    result.outcomes.push_back(std::move(outcome));
  }
  return result;
}

}  // namespace octavo
