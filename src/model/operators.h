// What ONNX itself says of the operators that carry weights: which input is what. Facts of the
// standard, the same on every target; what a target does with them is in its profile.
#pragma once

#include <optional>
#include <string_view>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Inputs of a weighted operator. -1: it has none.
struct WeightedInputs {
  int activation = 0;
  int weight = 1;
  int bias = 2;
};

// Nothing for an operator that is not weighted (Conv, ConvTranspose, Gemm, MatMul are).
std::optional<WeightedInputs> weighted_inputs(std::string_view op_type);

// The axis of the weight along which each slice makes one output channel, so that per-channel
// scales stay outside the sum. Nothing where there is none: a grouped ConvTranspose, a MatMul
// weight of rank 1.
std::optional<int> output_channel_axis(const onnx::NodeProto& node, int weight_rank);

// Is `node` a Gemm or MatMul, whose channels come last?
bool is_product(const onnx::NodeProto& node);

// How many inputs the operator cannot do without, in every opset; 0 for one that ONNX does not
// define, or not as long as Octavo knows it.
int fewest_inputs(std::string_view op_type);

// Whatever it is given: Shape, comparisons, ArgMax and the like.
bool makes_whole_numbers(std::string_view op_type);

// The input that carries the values through an operator that only moves them; its other inputs are
// shapes, indices and the like.
inline constexpr int kMovedInput = 0;

}  // namespace octavo
