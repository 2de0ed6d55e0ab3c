#include "pipeline/repair_codes.h"

#include <utility>

#include "rewrite/rewrite.h"

namespace octavo {

CodeRepairs repair_codes(const CodeRepairTask& task, Plan plan, std::span<const Repair> repairs) {
  const RepairJudge& judge = task.judge;
  CodeRepairs result{{task.prepared, std::move(plan)}, {}, {}};
  result.quantized = rewrite(result.repaired.model, result.repaired.plan);
  const RepairTask repair_task{task.prepared, judge.repair_samples(), task.executor, task.threads};
  SampleNoise best = judge.noise_of(result.quantized);
  for (const Repair& repair : repairs) {
    if (repair.apply == nullptr) continue;
    RepairResult tried = repair.apply(repair_task, result.repaired);
    Model quantized = rewrite(tried.repaired.model, tried.repaired.plan);
    RepairOutcome outcome = begin_outcome(repair.info.name, judge, best);
    outcome.changes = std::move(tried.changes);
    outcome.refusals = std::move(tried.refusals);
    SampleNoise noise = outcome.changes.empty() ? best : judge.noise_of(quantized);
    outcome.after_db = mean_db(noise);
    outcome.kept = is_better(noise, best);
    if (outcome.kept) {
      best = std::move(noise);
      result.repaired = std::move(tried.repaired);
      result.quantized = std::move(quantized);
    }
    result.outcomes.push_back(std::move(outcome));
  }
  return result;
}

}  // namespace octavo
