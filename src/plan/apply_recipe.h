// A recipe turned into what placement understands.
#pragma once

#include "model/graph.h"
#include "octavo/recipe.h"
#include "placement/placement.h"
#include "placement/profile.h"

namespace octavo {

// The profile with the recipe's wishes in it.
Profile apply_recipe(Profile profile, const Recipe& recipe);

// What the recipe's rules say that placement must know. Throws as resolve_rules() does.
PlacementOptions placement_options(const Graph& graph, const Recipe& recipe);

// A scheme of the profile with what a rule says of it. Throws Error(kUnsupported) for a type that
// the target has no kernels for, Error(kInvalidArgument) for more bits than the type has.
Scheme activation_scheme(const Profile& profile, const SchemeOverrides& overrides);
Scheme weight_scheme(const Profile& profile, const SchemeOverrides& overrides);

// Leaves the codes beyond so many bits unused. Throws Error(kInvalidArgument) for more than the
// type has.
Scheme with_bits(Scheme scheme, int bits);

}  // namespace octavo
