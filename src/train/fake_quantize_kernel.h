// The loops behind fake_quantize() on a processor: one scale and zero point, elements side by side.
#pragma once

#include <cstddef>
#include <span>

#include "octavo/quantization.h"

namespace octavo {

struct ParameterGradients {
  double scale = 0;
  double offset = 0;
};

// Writes the gradient of x and returns the sums of those of scale and offset. `codes` must lie
// within 16 bits.
ParameterGradients fake_quantize_gradients(std::span<const float> x,
                                           std::span<const float> gradient, ScaleZeroPoint params,
                                           CodeRange codes, std::span<float> x_gradient);

}  // namespace octavo
