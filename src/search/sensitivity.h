// Each layer's figures, and what it alone does to the network's outputs.
#pragma once

#include <cstddef>
#include <functional>

#include "octavo/analysis.h"
#include "octavo/executor.h"
#include "octavo/metrics.h"
#include "placement/placement.h"
#include "plan/plan.h"

namespace octavo {

struct SensitivityTask {
  const Model& model;  // prepared, float
  const Placement& placement;
  const Plan& plan;              // of that placement
  const Statistics& statistics;  // that the plan was made with
};

struct SensitivityOptions {
  std::size_t samples = 16;
  const Metric* metric = nullptr;  // null: only SQNR
  int threads = 1;
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

// Runs the float network once on evenly spread samples, and once more on each for each layer. Same
// result at any number of threads. Throws Error(kInvalidData) without samples.
SensitivityReport measure_sensitivity(const SensitivityTask& task, const Dataset& dataset,
                                      const Executor& executor, const SensitivityOptions& options);

}  // namespace octavo
