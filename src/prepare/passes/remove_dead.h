// Nodes whose results nothing reads go away, and so do initializers that nothing reads.
//
//     const w: float32[2] = 1 2            y = Relu(x)
//     y = Relu(x)                     =>   output y
//     z = Mul(x, w)
//     output y
//
// What a body of If, Loop or Scan reads is read; a node of several outputs stays if one is.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_remove_dead(const PassContext& context);

}  // namespace octavo
