// Which of the nodes that could run on integers should, so that the whole is fastest.
//
//   x -> [Conv 16 / 44] -> [Conv 9 / 37] -> [Conv 14 / 8] -> ...     microseconds, float / integers
//   float  float  | Q | integers ...                     the cheapest cut through times and
//   conversions
//
// Every node takes its float or its integer time, every tensor that passes from one side to the
// other the time of converting it: a minimum cut of that network is the least sum. It assumes that
// times add up, which is nearly so; what comes out is a candidate, to be measured as a whole.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "model/graph.h"
#include "placement/placement.h"

namespace octavo {

struct UnitTime {
  double in_float = 0;
  double on_integers = 0;
};

struct CoverageCosts {
  // By node; what a node absorbs counts with it. Nodes without an entry take no time.
  std::map<std::string, UnitTime, std::less<>> nodes;
  // By tensor, of those that carry codes.
  std::map<std::string, std::size_t, std::less<>> elements;
  double quantize_per_element = 0;
  double dequantize_per_element = 0;
  double conversion = 0;    // of any conversion, however small
  std::string unit = "us";  // of all of them
};

// The nodes that `placement` quantizes and the cheapest cut leaves in float, each with the reason
// that reports show. `placement` is of `graph`.
std::map<std::string, std::string, std::less<>> fastest_in_float(const Graph& graph,
                                                                 const Placement& placement,
                                                                 const CoverageCosts& costs);

}  // namespace octavo
