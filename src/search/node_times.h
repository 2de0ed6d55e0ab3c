// Where a model's time goes, node by node, as its runtime's profiler tells.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "octavo/executor.h"
#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo {

// Microseconds a run, by node of the model; what the runtime fused away is missing.
using NodeTimes = std::map<std::string, double, std::less<>>;

struct ProfilingOptions {
  int threads = 1;  // inside the runtime
  int runs = 40;
};

NodeTimes times_by_node(const Model& model, std::span<const Tensor> inputs,
                        const Executor& executor, const ProfilingOptions& options);

// 0 for a node that is missing.
double time_of(const NodeTimes& times, std::string_view node);

}  // namespace octavo
