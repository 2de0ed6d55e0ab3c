// Both models run side by side, and the quantized one in pieces beside them.
#pragma once

#include "octavo/comparison.h"

namespace octavo {

// As compare_models(), of models whose tensors of the same name mean the same.
ComparisonReport measure_comparison(const Model& float_model, const Model& quantized,
                                    const Dataset& data, const Executor& executor,
                                    const ComparisonOptions& options);

}  // namespace octavo
