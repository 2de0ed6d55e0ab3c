#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "calibration/calibrator.h"
#include "calibration/expected_error.h"
#include "calibration/quantile.h"

namespace octavo {
namespace {

// What auto chooses from, besides min-max.
constexpr std::array<std::string_view, 3> kCandidates = {"mse", "percentile:99.999",
                                                         "percentile:99.99"};

// Clipping costs the few values that often carry the decision, rounding costs all values a little,
// and an average sees both alike: a candidate that clips must beat min-max by more than nothing.
constexpr double kMustImproveBy = 0.05;

// What losing one whole value costs, in sizes of an ordinary one. One: a clipped value costs as
// little as a forgotten one (best for kws_fp32, 0.5 dB too much clipping for the ResNets).
// Infinite: the mean squared error (3 dB less for kws_fp32). docs/decisions/0003 has the figures.
constexpr double kCapInOrdinarySizes = 2;

// The size of an ordinary value. Without a cap of that order, the square of a single outlier
// outweighs a million ordinary values, and all of them round to zero for it.
double ordinary_size(const Sketch& sketch) {
  constexpr double kOutliers = 0.0005;
  const Range central = central_range(sketch, kOutliers);
  double sum = 0;
  double count = 0;
  for (const Sketch::Bin& bin : sketch.bins()) {
    const double value = bin.middle();
    if (value == 0 || value < central.min || value > central.max) continue;
    sum += std::abs(value) * static_cast<double>(bin.count);
    count += static_cast<double>(bin.count);
  }
  return count == 0 ? std::numeric_limits<double>::infinity() : sum / count;
}

CalibratedRange automatic_range(const CalibratorInput& input) {
  const auto bins = input.statistics.sketch().bins();
  const double cap = kCapInOrdinarySizes * ordinary_size(input.statistics.sketch());
  CalibratedRange best = min_max_calibrator().range(input);
  double to_beat =
      (1 - kMustImproveBy) * expected_capped_error(bins, best.range, input.scheme, cap);
  for (const std::string_view candidate : kCandidates) {
    const CalibratedRange found =
        calibrated_range(input.statistics, parse_calibrator(candidate), input.scheme);
    const double error = expected_capped_error(bins, found.range, input.scheme, cap);
    if (error >= to_beat) continue;
    to_beat = error;
    best = found;
  }
  return best;
}

}  // namespace

const Calibrator& automatic_calibrator() {
  static const Calibrator kCalibrator = {
      "auto",
      "min-max, unless mse or a percentile lowers the expected error by 5 %; says what it picked",
      {},
      automatic_range};
  return kCalibrator;
}

}  // namespace octavo
