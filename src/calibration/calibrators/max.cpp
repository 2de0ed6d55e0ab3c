#include <algorithm>
#include <cmath>

#include "calibration/calibrator.h"

namespace octavo {

const Calibrator& max_calibrator() {
  static const Calibrator kCalibrator = {
      "max",
      "the largest magnitude seen, on both sides of 0 (one side if no value lies on the other)",
      {},
      [](const CalibratorInput& input) -> CalibratedRange {
        const Sketch& sketch = input.statistics.sketch();
        const double largest = std::max(std::abs(sketch.min()), std::abs(sketch.max()));
        return {{sketch.min() < 0 ? -largest : 0, sketch.max() > 0 ? largest : 0}, {"max", {}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
