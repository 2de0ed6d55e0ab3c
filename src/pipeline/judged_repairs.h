// Repairs one after the other, each kept only where it helps.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "pipeline/repair_judge.h"
#include "repair/repair.h"

namespace octavo {

template <typename Subject>
struct JudgedRepairs {
  Subject repaired;  // with what was kept
  Model quantized;
  std::vector<RepairOutcome> outcomes;
};

// What repairs without data are given.
class NoSamples final : public Dataset {
 public:
  std::size_t size() const override { return 0; }
  bool labelled() const override { return false; }
  Sample at(std::size_t /*index*/) const override { return {}; }
};

// What repairs work with; none where there is no judge.
inline const Dataset& samples_for_repairs(const RepairJudge* judge) {
  static const NoSamples kNone;
  if (judge == nullptr) return kNone;
  return judge->repair_samples();
}

// `write` makes the quantized model of a subject. `apply` makes of a repair and a subject the
// subject with its changes and refusals (RepairResult and the like); nothing where the repair is
// not of this kind. What does not raise the signal to noise of the outputs on the judge's samples
// is undone; without a judge (null) nothing is.
template <typename Subject, typename Write, typename Apply>
JudgedRepairs<Subject> judged_repairs(const RepairJudge* judge, std::span<const Repair> repairs,
                                      Subject before, Write write, Apply apply) {
  JudgedRepairs<Subject> result{std::move(before), {}, {}};
  result.quantized = write(result.repaired);
  SampleNoise best;
  if (judge != nullptr) best = judge->noise_of(result.quantized);
  for (const Repair& repair : repairs) {
    auto tried = apply(repair, result.repaired);
    if (!tried) continue;
    RepairOutcome outcome;
    outcome.name = repair.info.name;
    if (judge != nullptr) outcome = begin_outcome(repair.info.name, *judge, best);
    outcome.changes = std::move(tried->changes);
    outcome.refusals = std::move(tried->refusals);
    if (!outcome.changes.empty()) {
      Model quantized = write(tried->repaired);
      outcome.kept = judge == nullptr || is_kept(*judge, quantized, best, outcome);
      if (outcome.kept) {
        result.repaired = std::move(tried->repaired);
        result.quantized = std::move(quantized);
      }
    }
    result.outcomes.push_back(std::move(outcome));
  }
  return result;
}

}  // namespace octavo
