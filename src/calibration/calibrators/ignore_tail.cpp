#include <algorithm>

#include "calibration/calibrator.h"
#include "calibration/quantile.h"

namespace octavo {

const Calibrator& ignore_tail_calibrator() {
  static const Calibrator kCalibrator = {
      "ignore-tail",
      "all but the last x % of the values on either side; the number is x (0.01)",
      {{"x", 0.01, 0, 49}},
      [](const CalibratorInput& input) -> CalibratedRange {
        const Sketch& sketch = input.statistics.sketch();
        Range range = central_range(sketch, input.parameters[0] / 100);
        // The inner end of a one-sided tensor is no tail.
        if (sketch.min() >= 0) range.min = sketch.min();
        if (sketch.max() <= 0) range.max = sketch.max();
        return {range, {"ignore-tail", {input.parameters[0]}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
