// Gives integer convolutions of images at least as many input channels as a runtime's kernels want.
//
//   q -> DequantizeLinear -> Conv            q -> Pad -> DequantizeLinear -> Conv
//   [N,3,H,W]                 [M,3,k,k]  =>  [N,4,H,W]                        [M,4,k,k]
//
// The new channels hold the zero point and meet weights that are zero: the sums are the same
// integers. Refused are grouped convolutions, and weights or scales that others read or that are no
// 8-bit initializers.
#pragma once

#include "octavo/model.h"

namespace octavo {

// The same model where every such convolution has `least_channels` or more.
Model with_padded_channels(Model model, int least_channels);

}  // namespace octavo
