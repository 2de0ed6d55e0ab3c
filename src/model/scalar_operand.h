// One number that a node reads from a constant: a Clip's bounds, a Pad's fill value.
#pragma once

#include "model/graph.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

// `absent` where the node has no such input or it is no constant. Throws Error(kInvalidModel) where
// the constant does not hold exactly one number, as ONNX Runtime refuses it too.
double scalar_operand(const onnx::NodeProto& node, const Graph& graph, int input, double absent);

}  // namespace octavo
