// The step between an activation's codes, learned.
#pragma once

#include "octavo/quantization.h"
#include "octavo/tensor.h"

namespace octavo {

// What x' = fake_quantize(x) passes back. The derivative by x is 1 where a code is near and 0 where
// x was clipped; that by the logarithm of the step is x' - x where a code is near and x' where x
// was clipped, with the zero point held. Source: Esser et al. 2020 (arXiv 1902.08153), equation
// (3), times the step: the same learning rate then suits every tensor.
// `gradient` is by x'. Adds the derivative by x to `below`, returns that by the logarithm.
// Only elements whose `taken` is true were quantized, the others are x themselves; empty: all.
double step_backward(const Tensor& x, const Tensor& quantized, float step, const Tensor& gradient,
                     std::span<const std::uint8_t> taken, Tensor& below);

}  // namespace octavo
