// Scales of weights by what they do to the layer's output, not to the weights themselves.
//
//   max:    scale = max|w| / highest code
//   after:  a share of that, for each block (or channel) of its own: the one with the least
//           (v - w)^T E[x x^T] (v - w), v the nearest codes of the channel's weights
//
// Every block is looked at while the others are as they are, twice round. Layers go from the input
// on; each reads what the layers before it, with their new scales, really give it. Source: the
// sequential MSE search of AIMET (Qualcomm, aimet_onnx.apply_seq_mse), here on second moments, and
// with the errors of a channel's blocks counted together.
//
// Refuses layers whose weights are shared or have one scale for all channels, and ConvTranspose.
#pragma once

#include "repair/repaired_weights.h"

namespace octavo {

WeightRepairResult repair_seqmse(const WeightRepairTask& task, RepairedWeights before);

}  // namespace octavo
