// What depends on constants alone is computed once, by options.evaluate.
//
//     const v: float32[3,2]                    const w: float32[2,3]
//     w = Transpose(v)                    =>   y = MatMul(x, w)
//     y = MatMul(x, w)
//
// Refuses: results over options.max_constant_bytes that are larger than what they are made of (a
// ConstantOfShape must not grow the file); what the evaluator cannot run. Never looks at: random
// operators, nodes with bodies, nodes that make an output of the graph, other domains, and
// QuantizeLinear and DequantizeLinear, whose weights are small on purpose.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_fold_constants(const PassContext& context);

}  // namespace octavo
