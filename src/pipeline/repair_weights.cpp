#include "pipeline/repair_weights.h"

#include <optional>
#include <utility>

#include "modes/write_weights.h"

namespace octavo {

WeightRepairs repair_weights(const WeightRepairsTask& task, RepairedWeights before,
                             std::span<const Repair> repairs) {
  const WeightRepairTask repair_task{samples_for_repairs(task.judge), task.executor, task.recipe,
                                     task.threads, task.expected};
  return judged_repairs(
      task.judge, repairs, std::move(before),
      [](const RepairedWeights& repaired) { return write_weights(repaired.model, repaired.plan); },
      [&](const Repair& repair,
          const RepairedWeights& repaired) -> std::optional<WeightRepairResult> {
        if (repair.apply_to_weights == nullptr) return std::nullopt;
        return repair.apply_to_weights(repair_task, repaired);
      });
}

}  // namespace octavo
