#include "calibration/calibrator.h"

namespace octavo {

const Calibrator& moving_average_calibrator() {
  static const Calibrator kCalibrator = {
      "moving-average",
      "each sample's minimum and maximum, averaged in sample order; the number is the weight of a "
      "new sample (0.01)",
      {{"weight", 0.01, 1e-6, 1}},
      [](const CalibratorInput& input) -> CalibratedRange {
        const auto samples = input.statistics.samples();
        const double weight = input.parameters[0];
        Range range{samples.front().min, samples.front().max};
        for (const SampleRange& sample : samples.subspan(1)) {
          range.min += weight * (static_cast<double>(sample.min) - range.min);
          range.max += weight * (static_cast<double>(sample.max) - range.max);
        }
        return {range, {"moving-average", {weight}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
