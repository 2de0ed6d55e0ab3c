// The weighted nodes of a plan, each with the quantizers that count for it.
#pragma once

#include <string>
#include <vector>

#include "model/graph.h"
#include "placement/placement.h"
#include "plan/plan.h"

namespace octavo {

struct Layer {
  std::string node;
  std::string op_type;
  std::vector<std::string> absorbed;  // the activations that its codes take over, by node
  std::string result;               // the activation that it makes in codes; empty: it stays float
  std::vector<std::string> inputs;  // in codes, and made by no layer
};

// In graph order. `placement` is of `graph`.
std::vector<Layer> layers_of(const Graph& graph, const Placement& placement);

// `plan` with no other quantizer than this layer's: what it reads from other layers comes in float,
// and what it makes is all that differs. So an error counts where it is made, not where it is read.
Plan plan_of_layer(const Plan& plan, const Layer& layer);

}  // namespace octavo
