// The scale of an int32 bias, and what to do where int32 is too small for it.
#pragma once

#include <span>
#include <vector>

#include "octavo/quantization.h"

namespace octavo {

// int32, zero point 0, scale = activation scale x weight scale, one a channel: the unit in which
// the products accumulate. Source: Jacob et al. 2018 (arXiv 1712.05877) section 2.2, equation (11).
QuantParams bias_params(float activation_scale, std::span<const float> weight_scales);

// A tiny weight scale can push a bias past int32, or the product of the scales below float32's
// smallest normal number. The remedy is a wider weight scale for that channel: fewer levels for its
// weights, which are tiny beside its bias.
struct BiasFit {
  std::vector<float> weight_scales;  // as given, or wider by the least that holds the bias
  double widened_by = 1;             // the largest factor over the channels; 1: nothing changed
};

// `bias` is float32 of shape [channels]; weight_scales holds one scale, or one a channel. Leaves
// half of int32 to the products that the bias is added to.
// Throws Error(kInvalidArgument) if the number of scales fits neither, if a bias is not finite, if
// a scale is not finite and positive, or if no float32 weight scale is wide enough.
BiasFit fit_bias(const Tensor& bias, float activation_scale, std::span<const float> weight_scales);

}  // namespace octavo
