#include "search/statistics_tests.h"

#include <algorithm>
#include <cmath>

namespace octavo {

double mcnemar_p(std::size_t first_only, std::size_t second_only) {
  const auto n = static_cast<double>(first_only + second_only);
  if (n == 0) return 1;
  const std::size_t fewer = std::min(first_only, second_only);
  double tail = 0;
  for (std::size_t k = 0; k <= fewer; ++k) {
    const auto x = static_cast<double>(k);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) -
                     n * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace octavo
