// Layers that a Q/DQ file has in float and ONNX Runtime runs on integers all the same.
#pragma once

#include <string>
#include <vector>

#include "model/graph.h"
#include "placement/profile.h"

namespace octavo {

// Of the operators that `profile` says are quantized unasked, those nodes of `quantized` with float
// weights between a DequantizeLinear of one scale and a QuantizeLinear (Relu and Clip may stand
// before it), in graph order: ONNX Runtime rounds their weights to int8 with one scale for all of
// them (its weight_bias_quantization; docs/decisions/0027).
std::vector<std::string> unasked_layers(const Graph& quantized, const Profile& profile);

}  // namespace octavo
