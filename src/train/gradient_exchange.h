// Gradients summed over the processes of an `mpirun`, while they are still being computed.
#pragma once

#include <memory>
#include <vector>

#include "ranks/ranks.h"
#include "train/quantized_network.h"

namespace octavo {

// What an exchange did so far.
struct ExchangeFigures {
  std::size_t buckets = 0;      // of a step
  std::size_t begun_early = 0;  // of the last step, before its backward pass had ended
};

// Gradients travel in buckets of some megabytes, in the order in which the backward pass completes
// them, each as soon as it is full (Li et al. 2020, "PyTorch Distributed", arXiv 2006.15704,
// section 3.2). The first step finds that order out; its buckets all go at its end.
class GradientExchange {
 public:
  GradientExchange(const std::vector<Parameter>& parameters, const Ranks& ranks);
  ~GradientExchange();
  GradientExchange(const GradientExchange&) = delete;
  GradientExchange& operator=(const GradientExchange&) = delete;

  // The next backward pass is the last of its step.
  void begin();
  // Every parameter's gradient is the sum over all ranks from here on. All ranks must call it,
  // those too that had no sample.
  void finish();

  ExchangeFigures figures() const;

 private:
  struct State;
  class Hook;
  std::unique_ptr<State> state_;
};

}  // namespace octavo
