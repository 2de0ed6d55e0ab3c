// Which weights become codes, in which type and form, decided from the graph, the profile and the
// recipe alone.
#pragma once

#include "model/graph.h"
#include "modes/weight_plan.h"
#include "octavo/recipe.h"
#include "octavo/tensor.h"
#include "placement/profile.h"

namespace octavo {

// A weight of fewer elements stays float: its scales and its nodes cost what its codes save.
inline constexpr std::int64_t kFewestElements = 1024;

// Throws Error(kUnsupported) for a mode, weight type or block size that the target does not have;
// Error(kInvalidArgument) for a block size where nothing has blocks.
WeightSelection select_weights(const Graph& graph, const Profile& profile, const Recipe& recipe);

// The oldest opset that can express what select_weights() may choose, whatever the graph.
int opset_of(const Profile& profile, const Recipe& recipe);

// Scales and zero points for a weight of these values.
QuantParams weight_params(const Tensor& values, const SelectedWeight& weight);

// Scales and zero points of what was selected.
WeightPlan plan_weights(const Graph& graph, const WeightSelection& selection, const Recipe& recipe);

}  // namespace octavo
