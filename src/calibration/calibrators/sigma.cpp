#include <algorithm>

#include "calibration/calibrator.h"

namespace octavo {

const Calibrator& sigma_calibrator() {
  static const Calibrator kCalibrator = {
      "sigma",
      "mean +- k standard deviations, within what was seen; the number is k (3)",
      {{"k", 3, 0.1, 1000}},
      [](const CalibratorInput& input) -> CalibratedRange {
        const Sketch& sketch = input.statistics.sketch();
        const double mean = sketch.mean();
        const double reach = input.parameters[0] * sketch.standard_deviation();
        return {{std::max<double>(mean - reach, sketch.min()),
                 std::min<double>(mean + reach, sketch.max())},
                {"sigma", {input.parameters[0]}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
