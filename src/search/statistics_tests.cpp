#include "search/statistics_tests.h"

#include <algorithm>
#include <cmath>

#include "octavo/evaluation.h"

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

Proportion proportion(std::size_t hits, std::size_t trials) {
  Proportion result{hits, trials, 0, 1};
  if (trials == 0) return result;
  constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution
  const auto n = static_cast<double>(trials);
  const double share = result.value();
  const double center = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double reach =
      kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  result.lower = std::max(0.0, center - reach);
  result.upper = std::min(1.0, center + reach);
  return result;
}

}  // namespace octavo
