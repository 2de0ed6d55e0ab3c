// Which samples repairs work with, and whether they helped.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/measured_outputs.h"
#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/metrics.h"
#include "octavo/repair.h"
#include "repair/observer.h"
#include "runtime/session_pool.h"

namespace octavo {

// Signal to quantization noise of a model's measured outputs, in dB, for each sample held out.
using SampleNoise = std::vector<double>;

class RepairJudge {
 public:
  // Up to 256 samples of `data`, evenly spread; every third is held out from repairs, and
  // `reference`, the float model, runs on it. `data` and `executor` outlive the judge.
  // Throws Error(kInvalidData) for fewer than two samples.
  RepairJudge(const Model& reference, const Dataset& data, const Executor& executor, int threads);

  const Dataset& repair_samples() const { return repair_; }
  std::size_t held_out() const { return hold_out_.size(); }
  SampleNoise noise_of(const Model& candidate) const;

 private:
  SessionPool pool(const Model& model) const;

  const Executor& executor_;
  int threads_;
  std::vector<MeasuredOutput> measured_;
  PickedDataset repair_;
  PickedDataset hold_out_;
  std::vector<std::vector<Tensor>> outputs_;  // of the reference, by sample
};

double mean_db(const SampleNoise& noise);

// A repair that has changed nothing yet.
RepairOutcome begin_outcome(std::string_view name, const RepairJudge& judge,
                            const SampleNoise& before);

// Measures `candidate` into `outcome`. True: it beats `best`, which then is its noise.
bool is_kept(const RepairJudge& judge, const Model& candidate, SampleNoise& best,
             RepairOutcome& outcome);

// Sample by sample, `after` is better than `before` by more than twice the standard error of the
// difference (more than that with few samples): chance alone does so once in forty times.
bool is_better(const SampleNoise& after, const SampleNoise& before);

}  // namespace octavo
