#include "calibration/convergence.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "calibration/tensor_statistics.h"

namespace octavo {
namespace {

double moved_share(const Range& before, const Range& after) {
  const double moved = std::max(std::abs(after.min - before.min), std::abs(after.max - before.max));
  if (moved == 0) return 0;
  const double width = after.max - after.min;
  return width > 0 ? moved / width : 1;
}

}  // namespace

std::vector<RangeShift> range_shifts(const Statistics& part, const Statistics& whole,
                                     const CalibratorSpec& calibrator, const Scheme& scheme) {
  std::vector<RangeShift> shifts;
  for (const auto& [name, statistics] : whole.tensors()) {
    const Range before = calibrated_range(part.at(name), calibrator, scheme).range;
    const Range after = calibrated_range(statistics, calibrator, scheme).range;
    shifts.push_back({name, before, after, moved_share(before, after)});
  }
  std::sort(shifts.begin(), shifts.end(), [](const RangeShift& a, const RangeShift& b) {
    return std::tie(b.share, a.tensor) < std::tie(a.share, b.tensor);
  });
  return shifts;
}

}  // namespace octavo
