// A recipe turned into what placement understands.
#pragma once

#include "model/graph.h"
#include "octavo/recipe.h"
#include "placement/placement.h"
#include "placement/profile.h"

namespace octavo {

// The profile with the recipe's wishes in it.
Profile apply_recipe(Profile profile, const Recipe& recipe);

// What keeps which nodes float. Throws Error(kInvalidArgument) for a pattern that matches no node
// or is no regular expression: a rule that silently does nothing helps nobody.
PlacementOptions placement_options(const Graph& graph, const Recipe& recipe);

}  // namespace octavo
