// Codes at a quantized model's border instead of float, with their meaning in its metadata.
//
//   input x: float32                          input x: uint8
//   q = QuantizeLinear(x, s, z)         =>    d = DequantizeLinear(x, s, z)
//   d = DequantizeLinear(q, s, z)             ...
//   ...                                       y = QuantizeLinear(e, t, u)
//   y = DequantizeLinear(p, t, u)             output y: uint8
//   output y: float32
//
// The codes are those that the model made before: same results, no conversion on the caller's side.
// Where int8 is wanted of a uint8 scheme, or the other way round, codes shift by 128, exactly.
#pragma once

#include "octavo/model.h"
#include "octavo/recipe.h"
#include "plan/plan.h"

namespace octavo {

// `model` is rewrite()'s, of `plan`. Inputs and outputs that are not float32 stay as they are.
// Pixels that are no codes of the input (recipe.pixels) are normalized by nodes of the model, in
// the steps of the normalization, one rounding each. Throws Error(kUnsupported), naming the tensor,
// where one has no codes that the caller could feed or get.
Model with_quantized_io(Model model, const Plan& plan, const Recipe& recipe);

}  // namespace octavo
