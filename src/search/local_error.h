// What a quantizer loses, from its parameters and the values' sketch or the values themselves.
#pragma once

#include <optional>
#include <vector>

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

// The reals from the lowest to the highest code, with the widest of several scales.
Range covered_range(const QuantParams& params);

// The largest magnitude in each slice of a float32 tensor along `axis`.
std::vector<double> channel_magnitudes(const Tensor& weight, int axis);

// The largest over the median of those that are not 0, nor next to it (a 2^-23th of the largest):
// these say nothing about the others. 1 without any.
double widest_over_median(std::vector<double> magnitudes);

}  // namespace octavo
