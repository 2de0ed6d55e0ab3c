// Where a model's time goes, node by node, as its runtime's profiler tells.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/executor.h"
#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo {

// Microseconds a run, by node of the model; what the runtime fused away is missing.
using NodeTimes = std::map<std::string, double, std::less<>>;

struct ProfiledModel {
  const Model& model;
  std::span<const Tensor> inputs;
};

struct ProfilingOptions {
  int threads = 1;     // inside the runtime
  double seconds = 1;  // for the runs of all models: up to 100 of each, and 5 whatever they take
};

// Of each model. They take turns, run by run: what else the machine does slows all of them alike.
std::vector<NodeTimes> times_by_node(std::span<const ProfiledModel> models,
                                     const Executor& executor, const ProfilingOptions& options);

// 0 for a node that is missing.
double time_of(const NodeTimes& times, std::string_view node);

}  // namespace octavo
