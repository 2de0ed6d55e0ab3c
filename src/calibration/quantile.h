// Where the tails of a sketch begin.
#pragma once

#include "calibration/sketch.h"
#include "octavo/quantization.h"

namespace octavo {

// The range that leaves at most `share` of the finite values below it and at most `share` above it.
// Its ends are bin edges: at most 2^-10 of their magnitude outside the exact quantiles, never
// inside.
Range central_range(const Sketch& sketch, double share);

}  // namespace octavo
