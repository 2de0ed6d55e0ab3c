#include "pipeline/sweep/pareto.h"

#include <algorithm>

namespace octavo {
namespace {

bool beats(const Objectives& a, const Objectives& b) {
  const bool as_good = a.quality >= b.quality && a.latency <= b.latency && a.size <= b.size;
  const bool better = a.quality > b.quality || a.latency < b.latency || a.size < b.size;
  return as_good && (better || a.fidelity > b.fidelity);
}

}  // namespace

std::vector<bool> pareto_front(std::span<const Objectives> outcomes) {
  std::vector<bool> front;
  for (const Objectives& own : outcomes) {
    front.push_back(std::none_of(outcomes.begin(), outcomes.end(),
                                 [&](const Objectives& other) { return beats(other, own); }));
  }
  return front;
}

}  // namespace octavo
