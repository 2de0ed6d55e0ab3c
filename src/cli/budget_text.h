// The accuracy budget as people write it, and what became of it.
#pragma once

#include <string>

#include "octavo/quantize.h"

namespace octavo::cli {

// "0.5%" and "0.5" are both half a point: 0.005 of the samples. Throws Error(kInvalidArgument) for
// anything else than a number from 0 to 100.
double parse_max_drop(const std::string& text);
// A share from "90%" or "90". Throws the same.
double parse_min_accuracy(const std::string& text);
// From "0.5x" (of float) or "3ms". Throws the same.
LatencyBudget parse_max_latency(const std::string& text);

// A table on stdout; where the budget was not met, or not on the half that was held out, a warning
// on stderr.
void print_budget(const BudgetOutcome& outcome);
void print_budget(const LatencyOutcome& outcome);

}  // namespace octavo::cli
