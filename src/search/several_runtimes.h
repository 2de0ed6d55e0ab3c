// One model for several runtimes: what is best in one may be slow in another.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "search/fastest_coverage.h"

namespace octavo {

// The mean over runtimes of each time's share of the float model's in the same runtime, in percent:
// a runtime that is slower altogether counts no more than another. `costs` are of one placement.
CoverageCosts mean_costs(std::span<const CoverageCosts> costs);

// How far each candidate falls behind the best one, in the runtime where it falls behind most, as a
// factor: ratios[runtime][candidate] is a time by anything that is common to the runtime's
// candidates.
std::vector<double> regrets(const std::vector<std::vector<double>>& ratios);

// Which candidate falls least behind so: the first of those within a factor of `worth_it`, below 1.
// With one runtime, the fastest.
//
// Minimax regret (Savage, "The Theory of Statistical Decision", 1951). The worst ratio to float
// would see only the runtime that gains least from integers; a mean would give up one runtime for
// the other.
std::size_t least_regret(const std::vector<std::vector<double>>& ratios, double worth_it);

}  // namespace octavo
