#include "calibration/calibrator.h"
#include "calibration/quantile.h"

namespace octavo {

const Calibrator& percentile_calibrator() {
  static const Calibrator kCalibrator = {
      "percentile",
      "P % of the values, the rest clipped, half on either side; the number is P: 99.9, 99.99, "
      "99.999 (the default), 99.9999",
      {{"P", 99.999, 1, 100}},
      [](const CalibratorInput& input) -> CalibratedRange {
        const Sketch& sketch = input.statistics.sketch();
        const double clipped = 1 - input.parameters[0] / 100;
        // A one-sided tensor has one tail only, which may lose the whole share.
        const bool two_sided = sketch.min() < 0 && sketch.max() > 0;
        const Range range = central_range(sketch, two_sided ? clipped / 2 : clipped);
        return {range, {"percentile", {input.parameters[0]}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
