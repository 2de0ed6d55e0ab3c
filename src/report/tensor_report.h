// Every activation that carries codes: its values, the range chosen, and what other calibrators
// would have chosen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calibration/sketch.h"
#include "pipeline/evidence.h"
#include "report/json_value.h"

namespace octavo {

inline constexpr std::size_t kHistogramBins = 96;

// Counts of `sketch` in `bins` equal steps from its smallest to its largest value; one bin if they
// are equal, none without any finite value.
std::vector<std::uint64_t> linear_histogram(const Sketch& sketch, std::size_t bins);

// tensors.json, without the errors along the depth.
Json tensors_json(const Evidence& evidence, int threads);

}  // namespace octavo
