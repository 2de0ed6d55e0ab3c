#include "pipeline/repair_codes.h"

#include <optional>
#include <utility>

#include "rewrite/rewrite.h"

namespace octavo {

CodeRepairs repair_codes(const CodeRepairTask& task, Plan plan, std::span<const Repair> repairs) {
  const RepairTask repair_task{task.prepared, samples_for_repairs(task.judge), task.executor,
                               task.threads, task.expected};
  return judged_repairs(
      task.judge, repairs, Repaired{task.prepared, std::move(plan)},
      [](const Repaired& repaired) { return rewrite(repaired.model, repaired.plan); },
      [&](const Repair& repair, const Repaired& repaired) -> std::optional<RepairResult> {
        if (repair.apply == nullptr) return std::nullopt;
        return repair.apply(repair_task, repaired);
      });
}

}  // namespace octavo
