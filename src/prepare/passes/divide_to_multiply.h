// Division by a constant becomes multiplication by its reciprocal, which runtimes have integer
// kernels for.
//
//     y = Div(x, k)                       =>   y = Mul(x, k_reciprocal)
//
// The reciprocal is rounded once: results may move by one unit in the last place.
// Refuses: an element without a normal reciprocal (0, the subnormals, the largest numbers).
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_divide_to_multiply(const PassContext& context);

}  // namespace octavo
