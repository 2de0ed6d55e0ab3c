// Which layers must stay float so that a network's accuracy drops by no more than a budget, found
// in few evaluations.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace octavo {

struct BudgetSearch {
  std::vector<std::size_t> kept_float;  // ascending
  double drop = 0;                      // with these
  std::size_t evaluations = 0;
  bool met = false;  // false: no set that was tried keeps the budget; this one comes nearest
};

// The accuracy lost while the layers of `kept_float` (ascending) are float, all others quantized.
using DropOf = std::function<double(const std::vector<std::size_t>& kept_float)>;

// Most evaluations that a search takes: 4 + 3 log2(layers).
std::size_t most_evaluations(std::size_t layers);

// Most evaluations of a search, counting that of no layer in float.
struct SearchLimit {
  std::size_t evaluations = 0;
};

// Layers 0 .. `layers` - 1 come in the order of their sensitivity, the worst first. One evaluation
// if all of them may be quantized. Otherwise doubles, then bisects, how many of the first ones to
// keep float, then gives back what turns out not to be needed among them: all but the last at once,
// then halves of what cannot go as a whole. Never calls `drop_of` twice with one set. What is
// returned was evaluated, so it holds for drops that are not monotone too, though it may not be the
// smallest.
BudgetSearch search_budget(std::size_t layers, double max_drop, const DropOf& drop_of);
BudgetSearch search_budget(std::size_t layers, double max_drop, const DropOf& drop_of,
                           const SearchLimit& limit);

}  // namespace octavo
