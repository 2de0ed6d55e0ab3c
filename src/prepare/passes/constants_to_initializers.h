// A Constant node becomes an initializer of the same name.
//
//     w = Constant() {value=float32[2](1 2)}      const w: float32[2] = 1 2
//     y = Mul(x, w)                          =>   y = Mul(x, w)
//
// Refuses: an output of the graph; a sparse value; strings.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_constants_to_initializers(const PassContext& context);

}  // namespace octavo
