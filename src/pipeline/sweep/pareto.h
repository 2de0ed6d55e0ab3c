// Which outcomes are worth having: accuracy against latency against size.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace octavo {

// Of one model. Differences too small to be measured or to matter must be rounded away before, so
// that "as good" stays transitive.
struct Objectives {
  double quality = 0;   // higher is better
  double latency = 0;   // lower is better
  double size = 0;      // lower is better
  double fidelity = 0;  // higher is better; decides between outcomes that are equal in the rest
};

// True for those that no other beats: none is at least as good in all three and better in one, or
// equal in all three and of higher fidelity.
std::vector<bool> pareto_front(std::span<const Objectives> outcomes);

}  // namespace octavo
