#include "calibration/calibrator.h"

namespace octavo {

const Calibrator& sample_mean_calibrator() {
  static const Calibrator kCalibrator = {
      "sample-mean",
      "the mean of the samples' minima to the mean of their maxima",
      {},
      [](const CalibratorInput& input) -> CalibratedRange {
        const auto samples = input.statistics.samples();
        Range sum;
        for (const SampleRange& sample : samples) {
          sum.min += sample.min;
          sum.max += sample.max;
        }
        const auto count = static_cast<double>(samples.size());
        return {{sum.min / count, sum.max / count}, {"sample-mean", {}}};
      }};
  return kCalibrator;
}

}  // namespace octavo
