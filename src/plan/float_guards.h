// Keeps layers in float that the target would put on integers unasked.
//
//   before   q -> DequantizeLinear(s, z) -> Conv, float weights -> QuantizeLinear
//   after    q -> DequantizeLinear([s, s, ...], [z, z, ...], axis 1) -> Conv, ... -> QuantizeLinear
//
// ONNX Runtime reads the first as an integer layer whose weights somebody forgot, and makes int8 of
// them with one scale for all (weight_bias_quantization, seen in 1.31.1): a depthwise layer that
// was kept in float for accuracy ruins the network. It looks for one scale in the DequantizeLinear,
// also beyond a MaxPool or the like, past which it moves it; a scale a channel says the same and is
// left alone. Refused: what reads no codes, weights that are computed, and inputs of one channel or
// of a number that nobody knows.
#pragma once

#include <vector>

#include "model/graph.h"
#include "placement/profile.h"
#include "plan/plan.h"

namespace octavo {

// Of the nodes that `plan` leaves in float. `plan` has its activations.
std::vector<FloatGuard> float_guards(const Graph& graph, const Plan& plan, const Profile& profile);

}  // namespace octavo
