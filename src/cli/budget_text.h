// The accuracy budget as people write it, and what became of it.
#pragma once

#include <string>

#include "octavo/quantize.h"

namespace octavo::cli {

struct MaxDrop {
  double most = 0;
  DropUnit unit = DropUnit::kOfMetric;
};
// Of a share, and of a metric that compares with the float model, "0.5%" and "0.5" are both half a
// point, 0.005 of the samples. Of any other, "2" is 2 in its own unit, and "2%" a part of the float
// model's value. Throws Error(kInvalidArgument) for anything else.
MaxDrop parse_max_drop(const std::string& text, const Metric& metric);
// Of a share "90%" or "90", of any other metric its value: "20dB", "20". Throws the same.
double parse_min_accuracy(const std::string& text, const Metric& metric);
// From "0.5x" (of float) or "3ms". Throws the same.
LatencyBudget parse_max_latency(const std::string& text);

// A table on stdout; where the budget was not met, or not on the half that was held out, a warning
// on stderr.
void print_budget(const BudgetOutcome& outcome);
void print_budget(const LatencyOutcome& outcome);

}  // namespace octavo::cli
