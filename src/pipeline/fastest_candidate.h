// Which of the models that keep a budget is fastest, by measurement.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "octavo/executor.h"
#include "octavo/quantize.h"
#include "pipeline/coverage.h"

namespace octavo {

// More take too long to time, and hardly differ.
inline constexpr std::size_t kMostTimed = 6;

struct TimingTask {
  const Model& float_model;
  const Executor& executor;
  const Sample& sample;
  int threads = 1;  // inside the runtime
};

struct FastestCandidate {
  MeasuredLatency integers;                 // of the first model
  std::vector<MeasuredLatency> candidates;  // of the others
  std::size_t chosen = 0;                   // of the candidates
};

// Times the float model and all of `models` in turns. The first of them has no layer kept float and
// is only compared with; of the others, the first that none beats by more than 2 % is chosen.
FastestCandidate fastest_candidate(const TimingTask& task, std::span<const PlannedModel> models);

}  // namespace octavo
