// The quantized layers that repair can work on, in the order in which errors travel.
#pragma once

#include <string>
#include <vector>

#include "model/graph.h"
#include "modes/weight_plan.h"
#include "plan/plan.h"

namespace octavo {

// Quantized nodes with constant weights in codes. Those of one wave do not feed each other, so that
// they can be measured in one run; whatever feeds a wave is in an earlier one.
struct LayerWaves {
  std::vector<std::vector<std::string>> waves;  // by node name, in graph order
  struct Refusal {
    std::string node;
    std::string reason;
  };
  std::vector<Refusal> refusals;  // quantized weighted nodes that repair leaves alone
};

// `plan` is of `graph`.
LayerWaves layer_waves(const Graph& graph, const Plan& plan);
LayerWaves layer_waves(const Graph& graph, const WeightPlan& plan);

}  // namespace octavo
