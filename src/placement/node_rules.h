// Can this one node run on integers under this profile? Looks at the node and its constants only.
#pragma once

#include <string>

#include "model/graph.h"
#include "placement/profile.h"

namespace octavo {

// Empty if it can; otherwise the reason why not, as users read it.
std::string refusal(const onnx::NodeProto& node, const OperatorRule& rule, const Graph& graph);

// Why a node that the target has no rule for stays float, unless the one before it takes it over.
std::string why_no_rule(const onnx::NodeProto& node, const Profile& profile, const Graph& graph);

// The inputs that carry activations (as opposed to weights, biases, shapes, bounds), constants
// among them included for joined operators.
std::vector<int> activation_inputs(const onnx::NodeProto& node, const OperatorRule& rule,
                                   const Graph& graph);

// A Relu, or a Clip with constant bounds around 0: what a QuantizeLinear after it can take over.
bool is_absorbable(const onnx::NodeProto& node, const Profile& profile, const Graph& graph);

// The lowest and highest value that a Relu or Clip lets through. Throws Error(kInvalidModel) where
// a constant bound is not one number.
Range clip_bounds(const onnx::NodeProto& node, const Graph& graph);

// `weight` is read by a weighted node as a constant float32 tensor.
bool has_constant_weight(const onnx::NodeProto& node, const Graph& graph);

}  // namespace octavo
