// What a calibrator is: a pure function from statistics to a range. One file each in calibrators/,
// one word in calibrator_list.inc.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "calibration/tensor_statistics.h"
#include "octavo/quantization.h"
#include "octavo/statistics.h"

namespace octavo {

// A number that users may give after the calibrator's name: "percentile:99.9".
struct CalibratorParameter {
  std::string_view name;
  double standard = 0;
  double lowest = 0;
  double highest = 0;
};

struct CalibratorInput {
  const TensorStatistics& statistics;
  const Scheme& scheme;
  std::span<const double> parameters;  // all of them, defaults filled in
};

struct Calibrator {
  std::string_view name;
  std::string_view help;
  std::vector<CalibratorParameter> parameters;
  // Called only with at least one finite value. The result need not hold 0.
  CalibratedRange (*range)(const CalibratorInput& input);
};

#define OCTAVO_CALIBRATOR(identifier) const Calibrator& identifier##_calibrator();
#include "calibration/calibrators/calibrator_list.inc"
#undef OCTAVO_CALIBRATOR

// In the order of the list. Throws Error(kInvalidArgument), naming them all, for an unknown name.
std::span<const Calibrator* const> all_calibrators();
const Calibrator& find_calibrator(std::string_view name);

// What the calibrator "max" makes of the smallest and the largest value.
Range max_range(double min, double max);

}  // namespace octavo
