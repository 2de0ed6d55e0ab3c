#include "search/budget.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>

namespace octavo {
namespace {

using LayerSet = std::vector<std::size_t>;

LayerSet worst(std::size_t count) {
  LayerSet layers(count);
  std::iota(layers.begin(), layers.end(), std::size_t{0});
  return layers;
}

class Search {
 public:
  Search(std::size_t layers, double max_drop, const DropOf& drop_of, const SearchLimit& limit)
      : layers_(layers), max_drop_(max_drop), drop_of_(drop_of), limit_(limit) {}

  BudgetSearch run() {
    if (!meets({})) {
      if (const std::size_t count = fewest_worst(); count > 0) {
        kept_ = worst(count);
        // Without its last layer, the set was found to be too small, or there was no time to look.
        give_back(0, count - 1, Known::kNothing);
      }
    }
    return best();
  }

 private:
  enum class Known : std::uint8_t { kNothing, kNeededAsAWhole };

  bool has_evaluations_left() const { return drops_.size() < limit_.evaluations; }

  bool meets(const LayerSet& kept) {
    auto found = drops_.find(kept);
    if (found == drops_.end()) found = drops_.emplace(kept, drop_of_(kept)).first;
    return found->second <= max_drop_;
  }

  // How many of the worst layers suffice, 0: not even all. Doubles first, since a few often do, and
  // since drops that go up and down would lead a bisection of the whole astray.
  std::size_t fewest_worst() {
    std::size_t too_few = 0;
    std::size_t enough = std::min<std::size_t>(layers_, 1);
    while (enough > 0) {
      if (!has_evaluations_left()) return 0;
      if (meets(worst(enough))) break;
      too_few = enough;
      enough = enough == layers_ ? 0 : std::min(2 * enough, layers_);
    }
    while (enough > too_few + 1 && has_evaluations_left()) {
      const std::size_t middle = too_few + (enough - too_few) / 2;
      (meets(worst(middle)) ? enough : too_few) = middle;
    }
    return enough;
  }

  bool try_without(std::size_t first, std::size_t last) {
    LayerSet fewer;
    std::copy_if(kept_.begin(), kept_.end(), std::back_inserter(fewer),
                 [&](std::size_t layer) { return layer < first || layer >= last; });
    if (!meets(fewer)) return false;
    kept_ = std::move(fewer);
    return true;
  }

  // Quantizes what it can of the layers [first, last); true: all of them. The less sensitive half
  // goes first: it is the likelier one to be needless.
  bool give_back(std::size_t first, std::size_t last, Known known) {
    if (first == last) return true;
    if (!has_evaluations_left()) return false;
    if (known == Known::kNothing && try_without(first, last)) return true;
    if (last - first == 1) return false;
    const std::size_t middle = first + (last - first) / 2;
    const bool second_gone = give_back(middle, last, Known::kNothing);
    // Where the second half can go and both cannot, the first one cannot.
    give_back(first, middle, second_gone ? Known::kNeededAsAWhole : Known::kNothing);
    return false;
  }

  // Of the sets within the budget the smallest, of those the most accurate; failing that, the most
  // accurate of all.
  BudgetSearch best() const {
    const auto rank = [&](const auto& tried) {
      const bool met = tried.second <= max_drop_;
      const auto size = static_cast<double>(tried.first.size());
      return std::tuple(!met, met ? size : tried.second, met ? tried.second : size);
    };
    const auto found =
        std::min_element(drops_.begin(), drops_.end(),
                         [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return {found->first, found->second, drops_.size(), found->second <= max_drop_};
  }

  std::size_t layers_;
  double max_drop_;
  const DropOf& drop_of_;
  const SearchLimit& limit_;
  std::map<LayerSet, double> drops_;  // of every set that was evaluated
  LayerSet kept_;
};

}  // namespace

std::size_t most_evaluations(std::size_t layers) {
  return 4 + static_cast<std::size_t>(
                 3 * std::log2(static_cast<double>(std::max<std::size_t>(layers, 1))));
}

BudgetSearch search_budget(std::size_t layers, double max_drop, const DropOf& drop_of) {
  return search_budget(layers, max_drop, drop_of, {most_evaluations(layers)});
}

BudgetSearch search_budget(std::size_t layers, double max_drop, const DropOf& drop_of,
                           const SearchLimit& limit) {
  return Search(layers, max_drop, drop_of, limit).run();
}

}  // namespace octavo
