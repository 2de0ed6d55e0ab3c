#include "repair/code_descent.h"

#include <utility>

namespace octavo {
namespace {

constexpr int kMaxSweeps = 30;

}  // namespace

Eigen::VectorXd reals(std::span<const CodeSlot> slots, std::span<const std::int32_t> codes) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(codes.size()));
  for (std::size_t i = 0; i < codes.size(); ++i) {
    values[static_cast<Eigen::Index>(i)] = slots[i].real(codes[i]);
  }
  return values;
}

std::vector<std::int32_t> descend(const Eigen::MatrixXd& second, Eigen::VectorXd gradient,
                                  std::span<const CodeSlot> slots,
                                  std::vector<std::int32_t> codes) {
  Eigen::VectorXd values = reals(slots, codes);
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    bool changed = false;
    for (Eigen::Index k = 0; k < values.size(); ++k) {
      const auto index = static_cast<std::size_t>(k);
      const std::int32_t next = slots[index].nearest(values[k] - gradient[k] / second(k, k));
      if (next == codes[index]) continue;
      const double step = slots[index].real(next) - values[k];
      // Of the codes on a line, the nearest to the optimum is the best; equal is no gain.
      if (step * (2 * gradient[k] + step * second(k, k)) >= 0) continue;
      gradient += step * second.col(k);
      values[k] += step;
      codes[index] = next;
      changed = true;
    }
    if (!changed) break;
  }
  return codes;
}

}  // namespace octavo
