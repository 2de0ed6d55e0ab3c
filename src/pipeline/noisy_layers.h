// Layers that would lose too much as codes, found without running anything.
#pragma once

#include "octavo/quantize.h"
#include "octavo/statistics.h"
#include "pipeline/decide.h"

namespace octavo {

// Where the recipe asks for a least signal to noise of layers: excludes those below it by rules of
// their own, and takes `decided` and `statistics` along. Returns the options to go on with.
QuantizeOptions exclude_noisy_layers(Decided& decided, Statistics& statistics,
                                     const QuantizeOptions& options);

}  // namespace octavo
