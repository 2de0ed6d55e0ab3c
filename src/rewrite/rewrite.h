// Writes a plan into the model as QuantizeLinear and DequantizeLinear.
//
//   before                       after
//   y = Conv(x, w, b)            xq = QuantizeLinear(x)       xd = DequantizeLinear(xq)
//   z = Relu(y)                  wd = DequantizeLinear(w_quantized)   int8, stored
//                                bd = DequantizeLinear(b_quantized)   int32, stored
//                                z = Conv(xd, wd, bd)         Relu: gone, the codes of z begin at 0
//                                zq = QuantizeLinear(z)       zd = DequantizeLinear(zq)
//
// Refuses nothing: whatever the plan says can be written. Nodes keep their names, tensors theirs;
// the new ones are called after the tensor that they carry. A Relu or Clip is dropped only where
// the codes after it make it redundant exactly, and kept otherwise. Activations of fewer bits than
// their type has (Scheme::reduced_bits) get a Clip of their codes between Q and DQ. What has a
// FloatGuard reads codes through a DequantizeLinear of its own.
#pragma once

#include "octavo/model.h"
#include "plan/plan.h"

namespace octavo {

// `model` must be the one that the plan was made from.
Model rewrite(const Model& model, const Plan& plan);

}  // namespace octavo
