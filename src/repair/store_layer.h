// Puts other weights or another bias into a layer of a model under repair.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "octavo/tensor.h"
#include "repair/repaired.h"
#include "repair/repaired_weights.h"

namespace octavo {

// Adds `shift` (one value an output channel) to the bias of `node`, which gets one if it has none.
// Computed in double, rounded once. False, and nothing changes, where the layer cannot have one
// (MatMul), or where a value would not fit the bias' codes.
bool shift_bias(Repaired& repaired, std::string_view node, const std::vector<double>& shift);

// The same for a model that stores weights as codes: its biases are float.
bool shift_bias(RepairedWeights& repaired, std::string_view node, const std::vector<double>& shift);

// The weights of `node` that are its second input, which must be planned.
const PlannedConstant& planned_weights(const Plan& plan, std::string_view node);

// What that did.
RepairNote bias_note(const std::string& node, const std::vector<double>& shift);

// Replaces the weights of `node`, which no other node may read, by `weights` of the same shape.
void set_weights(Model& model, std::string_view node, const Tensor& weights);

}  // namespace octavo
