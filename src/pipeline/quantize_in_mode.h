// Every mode but static: no placement of Q/DQ, and mostly no data.
#pragma once

#include "octavo/dataset.h"
#include "octavo/model.h"
#include "octavo/quantize.h"

namespace octavo {

// `calibration` may be null. Throws Error(kInvalidArgument) for data, a budget or a coverage that
// the mode has no use for; Error(kUnsupported) for a mode that the target does not have.
QuantizeResult quantize_in_mode(const Model& model, const Dataset* calibration,
                                const QuantizeOptions& options);

}  // namespace octavo
