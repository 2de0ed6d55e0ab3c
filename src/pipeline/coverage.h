// One prepared model, several ways to split it between integers and float; the fastest wins.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "placement/placement.h"
#include "placement/profile.h"
#include "plan/plan.h"
#include "repair/repaired.h"

namespace octavo {

// What every split starts from.
struct CoverageTask {
  const Model& model;  // prepared
  const Profile& profile;
  const QuantizeOptions& options;
  const Placement& widest;
  const Statistics& statistics;  // of widest.observed_tensors()
  // Repairs that every split takes over, where its layers are in codes; null: none yet.
  const Repaired* repaired = nullptr;
  // What accuracy is compared with, where a repair changed `model`; null: `model`.
  const Model* original = nullptr;
  // Of every model that is made: with_padded_channels(). 0: channels as they are.
  int least_channels = 0;

  const Model& reference() const { return original == nullptr ? model : *original; }
};

struct PlannedModel {
  Plan plan;
  Model model;
};

// `model`, quantized, as the task wants its channels.
Model with_channels_of(const CoverageTask& task, Model model);

// Plan and model with `widest` as it is.
PlannedModel plan_widest(const CoverageTask& task);

// Nodes that stay float, each with the reason that reports show.
using KeepFloat = std::map<std::string, std::string, std::less<>>;

// The same with these nodes, and what then gains nothing, left in float.
PlannedModel plan_with_kept_float(const CoverageTask& task, const KeepFloat& kept);

// The nodes that `plan` keeps float and the widest split would not.
KeepFloat kept_by_coverage(const CoverageTask& task, const Plan& plan);

struct CoverageChoice {
  PlannedModel planned;
  std::vector<MeasuredCoverage> measured;
  // The model is faster with additions kept out of what the target would fuse them into
  // (rewrite/additions_apart.h). `planned` is without.
  bool additions_apart = false;
  // CoverageTask::least_channels of `planned`.
  int least_channels = 0;
};

// Measures the widest split, the minimum cuts of fastest_in_float() at several costs of conversion,
// and float, all in turn, with `sample`, in each of `executors`, the first of which is the target's
// own. The first in that order that none beats by more than 2 %: least_regret(). Before that, where
// the target wants more channels than there are, whether the widest split is faster with them;
// after it, that one with additions apart, where the target fuses some.
CoverageChoice choose_fastest(const CoverageTask& wanted, const Sample& sample,
                              std::span<const std::unique_ptr<Executor>> executors);

}  // namespace octavo
