// Nodes that compute the same from the same inputs become one.
//
//     a = Shape(x) "first"                     a = Shape(x) "first"
//     b = Shape(x) "second"               =>   y = Reshape(z, a)
//     y = Reshape(z, b)
//
// Refuses: a result that is an output of the graph, or that a body reads. Leaves random operators,
// nodes with bodies, and constants: weights that happen to be equal are still two layers' weights.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_merge_duplicates(const PassContext& context);

}  // namespace octavo
