// The target's own scheme, for a recipe that asked for another.
#pragma once

#include <string>
#include <vector>

#include "octavo/recipe.h"

namespace octavo {

struct UsualScheme {
  Recipe recipe;
  std::vector<std::string> changes;  // in words; empty: the recipe asked for nothing else
};

// `recipe` with granularity, symmetries and calibrators as they are when nobody asks. Types, nodes
// left out and the mode stay.
UsualScheme usual_scheme(const Recipe& recipe);

}  // namespace octavo
