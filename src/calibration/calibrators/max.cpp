#include <algorithm>
#include <cmath>

#include "calibration/calibrator.h"

namespace octavo {

Range max_range(double min, double max) {
  const double largest = std::max(std::abs(min), std::abs(max));
  return {min < 0 ? -largest : 0, max > 0 ? largest : 0};
}

const Calibrator& max_calibrator() {
  static const Calibrator kCalibrator = {
      "max",
      "the largest magnitude seen, on both sides of 0 (one side if no value lies on the other)",
      {},
      [](const CalibratorInput& input) -> CalibratedRange {
        const Sketch& sketch = input.statistics.sketch();
        return {max_range(sketch.min(), sketch.max()), {"max", {}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
