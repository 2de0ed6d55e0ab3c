#include "repair/settle_shifts.h"

#include <algorithm>
#include <cmath>

namespace octavo {
namespace {

// A trunk of twenty blocks takes some hundred.
constexpr int kMaxSweeps = 2000;
constexpr double kSettled = 1e-6;

// Where a shift takes part, and how often it counts there.
struct Part {
  std::size_t index;
  double times;
};

template <typename Terms>
std::vector<std::vector<Part>> parts_by_shift(std::size_t count, const Terms& terms) {
  std::vector<std::vector<Part>> parts(count);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    for (const std::size_t shift : terms[i].sum) {
      if (parts[shift].empty() || parts[shift].back().index != i) parts[shift].push_back({i, 0});
      ++parts[shift].back().times;
    }
  }
  return parts;
}

// One shift after the other, the others as they are.
class Settler {
 public:
  Settler(std::size_t count, std::span<const ShiftWish> wishes, std::span<const ShiftLimit> limits)
      : wishes_(wishes),
        limits_(limits),
        wished_(parts_by_shift(count, wishes)),
        limited_(parts_by_shift(count, limits)),
        wish_sums_(wishes.size(), 0),
        limit_sums_(limits.size(), 0),
        shifts_(count, 0) {}

  std::vector<double> run() {
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      double moved = 0;
      for (std::size_t shift = 0; shift < shifts_.size(); ++shift) {
        moved = std::max(moved, settle(shift));
      }
      if (moved < kSettled) break;
    }
    return std::move(shifts_);
  }

 private:
  // Returns how far it moved, as a share of its size.
  double settle(std::size_t shift) {
    double pull = 0;
    double stiffness = 0;
    for (const Part& part : wished_[shift]) {
      const ShiftWish& wish = wishes_[part.index];
      pull += wish.weight * part.times * (wish.target - wish_sums_[part.index]);
      stiffness += wish.weight * part.times * part.times;
    }
    if (stiffness == 0) return 0;
    double change = pull / stiffness;
    for (const Part& part : limited_[shift]) {
      const ShiftLimit& limit = limits_[part.index];
      const double sum = limit_sums_[part.index];
      change = std::clamp(change, (limit.min - sum) / part.times, (limit.max - sum) / part.times);
    }
    for (const Part& part : wished_[shift]) wish_sums_[part.index] += part.times * change;
    for (const Part& part : limited_[shift]) limit_sums_[part.index] += part.times * change;
    shifts_[shift] += change;
    return std::abs(change) / std::max(std::abs(shifts_[shift]), 1e-9);
  }

  std::span<const ShiftWish> wishes_;
  std::span<const ShiftLimit> limits_;
  std::vector<std::vector<Part>> wished_;
  std::vector<std::vector<Part>> limited_;
  std::vector<double> wish_sums_;
  std::vector<double> limit_sums_;
  std::vector<double> shifts_;
};

}  // namespace

std::vector<double> settled_shifts(std::size_t count, std::span<const ShiftWish> wishes,
                                   std::span<const ShiftLimit> limits) {
  return Settler(count, wishes, limits).run();
}

}  // namespace octavo
