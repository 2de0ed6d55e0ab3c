#include "calibration/quantile.h"

#include <cmath>
#include <ranges>
#include <vector>

namespace octavo {

Range central_range(const Sketch& sketch, double share) {
  const std::vector<Sketch::Bin> bins = sketch.bins();
  // A share such as 0.1 % has no exact double: a count that is whole up to that error is whole.
  constexpr double kSlack = 1e-6;
  const auto allowed =
      static_cast<std::uint64_t>(std::floor(share * static_cast<double>(sketch.finite()) + kSlack));
  Range range{sketch.min(), sketch.max()};
  std::uint64_t below = 0;
  for (const Sketch::Bin& bin : bins) {
    below += bin.count;
    if (below > allowed) {
      range.min = bin.lower;
      break;
    }
  }
  std::uint64_t above = 0;
  for (const Sketch::Bin& bin : bins | std::views::reverse) {
    above += bin.count;
    if (above > allowed) {
      range.max = bin.upper;
      break;
    }
  }
  return range;
}

}  // namespace octavo
