// with_quantized_io() backwards: float at a model's border where there are codes now, by the scales
// in its metadata. For looking into such a model beside the float one it was made of.
//
//   input x: uint8                     input x: float32
//   ... = f(x)                  =>     q = QuantizeLinear(x, s, z)
//   y = g(...)                         ... = f(q)
//   output y: uint8                    p = g(...)
//                                      y = DequantizeLinear(p, t, u)
//                                      output y: float32
//
// Where the zero point is no code (pixels, whose mean need not be whole) or each channel has its
// own, the codes are made by Div, Add, Round, Clip and Cast: as to_codes() makes them. What holds
// such pixels further on, up to the layer that was folded for them, is called NAME_in_pixels: it is
// not what the float model's tensor of that name is.
#pragma once

#include "octavo/model.h"

namespace octavo {

// Inputs and outputs that no metadata speak of stay as they are. Throws Error(kInvalidModel) for
// metadata that are no numbers, that fit no axis of the tensor, or, of an output, that differ by
// channel or have a zero point that is no code: Octavo writes none of these.
Model with_float_io(Model model);

}  // namespace octavo
