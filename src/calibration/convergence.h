// Are there enough samples? How far ranges still move when more come in.
#pragma once

#include <string>
#include <vector>

#include "octavo/quantization.h"
#include "octavo/statistics.h"

namespace octavo {

struct RangeShift {
  std::string tensor;
  Range before;
  Range after;
  // The farther moved end's way, as a share of the width of `after`; 1 if that is zero and
  // `before` was not.
  double share = 0;
};

// Of every tensor, the range that `calibrator` gives it from `part` of the samples and from
// `whole`; largest share first, equal ones by name. Throws Error(kNotFound) if `part` lacks a
// tensor of `whole`.
std::vector<RangeShift> range_shifts(const Statistics& part, const Statistics& whole,
                                     const CalibratorSpec& calibrator, const Scheme& scheme);

}  // namespace octavo
