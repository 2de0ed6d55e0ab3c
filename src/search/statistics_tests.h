// Is a difference in accuracy more than chance?
#pragma once

#include <cstddef>

namespace octavo {

// Two-sided exact McNemar test: `first_only` samples only the first model got right, `second_only`
// only the second. The probability of a split at least as uneven if both were equally accurate.
// Source: Q. McNemar, Psychometrika 12 (1947), in its exact binomial form.
double mcnemar_p(std::size_t first_only, std::size_t second_only);

}  // namespace octavo
