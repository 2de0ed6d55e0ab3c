#include "calibration/calibrator.h"
#include "calibration/expected_error.h"

namespace octavo {
namespace {

// Clipping costs the few values that carry a decision; rounding costs all values a little. The mean
// squared error sees both alike, so a candidate that clips must beat plain min-max clearly.
constexpr double kMustImproveBy = 0.2;

}  // namespace

const Calibrator& automatic_calibrator() {
  static const Calibrator kCalibrator = {
      "auto",
      "mse where clipping lowers the expected error clearly, min-max elsewhere; says which",
      {},
      [](const CalibratorInput& input) -> CalibratedRange {
        const CalibratedRange whole = min_max_calibrator().range(input);
        const CalibratedRange searched = mse_calibrator().range(input);
        const auto bins = input.statistics.sketch().bins();
        const double error = expected_squared_error(bins, whole.range, input.scheme);
        const double searched_error = expected_squared_error(bins, searched.range, input.scheme);
        return searched_error < (1 - kMustImproveBy) * error ? searched : whole;
      }};
  return kCalibrator;
}

}  // namespace octavo
