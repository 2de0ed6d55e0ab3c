// What a person should hear of a quantization that went through: about what came in, and about
// ranges that mean little.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "octavo/model.h"
#include "octavo/statistics.h"
#include "placement/placement.h"
#include "plan/plan.h"

namespace octavo {

// One sentence a doubt, as QuantizeResult::warnings holds them.
using Doubts = std::vector<std::string>;

// It is quantized already: Q/DQ nodes are in it.
Doubts doubts_of_model(const Model& model);

// Few samples; inputs that are one number throughout; values that are not finite; weights with
// coarser scales than their range needs. `model` is the prepared one.
Doubts doubts_of_ranges(const Model& model, const Placement& placement,
                        const Statistics& statistics, const Plan& plan);

// Every node stays float: says so with the reason of the first.
Doubts doubts_of_nodes(std::span<const NodePlacement> nodes);

}  // namespace octavo
