// How much a quantizer would lose on what a sketch saw.
#pragma once

#include <span>
#include <vector>

#include "calibration/sketch.h"
#include "octavo/quantization.h"

namespace octavo {

// Mean squared difference between the values and their quantized selves, from the bins: each value
// counts as its bin's middle, and where a bin is wider than a step, as spread evenly over it (which
// gives step^2 / 12; steps of float types are finer than bins). No single value adds more than
// `cap` squared: a clipped outlier is one value lost, however far out it lay.
double expected_error(std::span<const Sketch::Bin> bins, ScaleZeroPoint params,
                      const Scheme& scheme, double cap);
double expected_capped_error(std::span<const Sketch::Bin> bins, const Range& range,
                             const Scheme& scheme, double cap);
// The same without a cap.
double expected_squared_error(std::span<const Sketch::Bin> bins, const Range& range,
                              const Scheme& scheme);

// Neighbouring bins joined until none is narrower than 1/`resolution` of the whole: as good for
// searching, and faster.
std::vector<Sketch::Bin> coarsen(std::span<const Sketch::Bin> bins, int resolution);

}  // namespace octavo
