// Two multiplications by constants become one, and so do two additions.
//
//     a = Mul(x, k)                       =>   y = Mul(x, k_merged)
//     y = Mul(a, l) "second"
//
// The constants are combined in double and rounded once; results may move by one unit in the last
// place. Refuses: a first result that something else reads, or that is an output of the graph.
// Leaves constants whose combination would be larger than both.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_merge_constant_operations(const PassContext& context);

}  // namespace octavo
