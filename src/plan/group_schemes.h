// Which scheme and calibrator each scale group gets, where rules differ from node to node.
#pragma once

#include <vector>

#include "model/graph.h"
#include "octavo/recipe.h"
#include "placement/placement.h"
#include "plan/resolve_rules.h"

namespace octavo {

// By group: what the rules of the quantized nodes that read or make its tensors say. One tensor has
// one pair of Q and DQ, so that nothing is requantized; where two nodes differ, the later rule
// holds.
std::vector<SchemeOverrides> group_overrides(const Graph& graph, const Placement& placement,
                                             const SettingsByNode& settings);

}  // namespace octavo
