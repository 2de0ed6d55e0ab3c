// Quantization that is trained through: forward as deployed, backward as if rounding were not
// there.
#pragma once

#include <cstdint>

#include "octavo/quantization.h"
#include "train/torch.h"

namespace octavo {

struct FakeQuantizeForm {
  CodeRange codes;
  int axis = -1;              // of one scale a slice; -1: one scale for all
  double scale_gradient = 1;  // factor on the gradients of scale and offset
};

// x' = (q - zero_point) * scale with q = saturate(round_half_even(x / scale) + zero_point), bit for
// bit what octavo::fake_quantize() gives. `zero_point` holds whole numbers as floats, as many as
// `scale`; it gets no gradient itself. `offset` is the real number that it stands for, -zero_point
// * scale: it may be undefined. Gradients: of x where its code is not saturated (straight through);
// of the scale, round(x / scale)
// - x / scale there and code - zero_point elsewhere, after Esser et al. 2020 (LSQ, arXiv
// 1902.08153) equation (3); of the offset, 1 where saturated, after Bhalgat et al. 2020 (LSQ+,
// arXiv 2004.09576) section 3.1.
at::Tensor fake_quantize(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& zero_point,
                         const at::Tensor& offset, const FakeQuantizeForm& form);

// `value`; the gradient goes to `source`, of the same shape.
at::Tensor straight_through(const at::Tensor& value, const at::Tensor& source);
// round_half_even(x); the gradient passes.
at::Tensor round_straight_through(const at::Tensor& x);

}  // namespace octavo
