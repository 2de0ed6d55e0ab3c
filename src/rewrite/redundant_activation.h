// Is a Relu or Clip before a QuantizeLinear without effect?
#pragma once

#include "octavo/quantization.h"

namespace octavo {

// True if quantize(clip(x)) == quantize(x) for every x: everything below bounds.min must already
// have the lowest code, everything above bounds.max the highest.
bool is_redundant_before(const Range& bounds, ScaleZeroPoint params, CodeRange codes);

}  // namespace octavo
