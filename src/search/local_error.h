// What a quantizer loses, from its parameters and the values' sketch or the values themselves.
#pragma once

#include "calibration/sketch.h"
#include "octavo/analysis.h"
#include "octavo/quantization.h"
#include "octavo/tensor.h"

namespace octavo {

// `params` has one scale.
QuantizerError activation_error(const Sketch& sketch, const QuantParams& params);

// `channel_axis` is that of the output channels, whatever axis the scales have; none: it counts as
// one channel. `weight` is float32.
QuantizerError weight_error(const Tensor& weight, const QuantParams& params,
                            std::optional<int> channel_axis);

}  // namespace octavo
