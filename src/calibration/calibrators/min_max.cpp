#include "calibration/calibrator.h"

namespace octavo {

const Calibrator& min_max_calibrator() {
  static const Calibrator kCalibrator = {"min-max",
                                         "everything that was seen; nothing is clipped",
                                         {},
                                         [](const CalibratorInput& input) -> CalibratedRange {
                                           const Sketch& sketch = input.statistics.sketch();
                                           return {{sketch.min(), sketch.max()}, {"min-max", {}}};
                                         }};
  return kCalibrator;
}

}  // namespace octavo
