// HardSigmoid and HardSwish become arithmetic that runtimes have integer kernels for, and whose
// scales later passes fold into the layers around.
//
//     y = HardSigmoid(x)          =>   y_scaled = Mul(x, y_alpha)
//                                      y_shifted = Add(y_scaled, y_beta)
//                                      y = Clip(y_shifted, y_zero, y_one)
//
//     y = HardSwish(x)            =>   y_shifted = Add(x, y_three)
//                                      y_gate = Clip(y_shifted, y_zero, y_six)
//                                      y_gated = Mul(x, y_gate)
//                                      y = Mul(y_gated, y_sixth)
//
// Refuses: an input whose element type is not known.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_lower_hard_activations(const PassContext& context);

}  // namespace octavo
