// The accuracy budget as people write it, and what became of it.
#pragma once

#include <string>

#include "octavo/quantize.h"

namespace octavo::cli {

// "0.5%" and "0.5" are both half a point: 0.005 of the samples. Throws Error(kInvalidArgument) for
// anything else than a number from 0 to 100.
double parse_max_drop(const std::string& text);

// A table on stdout; where the budget was not met, or not on the half that was held out, a warning
// on stderr.
void print_budget(const BudgetOutcome& outcome);

}  // namespace octavo::cli
