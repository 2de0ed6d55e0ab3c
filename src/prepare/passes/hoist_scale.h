// A multiplication by a positive number behind a layer and its activation moves into the layer.
//
//     c = Conv(x, w, b)                        c_scaled = Conv(x, w', b')
//     r = Clip(c, 0, 6)                   =>   y = Clip(c_scaled, 0, 1)
//     y = Mul(r, sixth)                        w' = w * sixth, b' = b * sixth
//
// Activations are Relu, LeakyRelu and Clip with constant bounds. So a hard-sigmoid written as
// Clip(x + 3, 0, 6) / 6 costs no more than a Clip. Computed in double, rounded once.
// Refuses: a result on the way that something else reads, or that is an output of the graph;
// weights that are no constants. Leaves numbers that are not positive.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_hoist_scale(const PassContext& context);

}  // namespace octavo
