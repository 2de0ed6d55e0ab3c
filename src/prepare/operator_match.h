// Is a node what a pass is looking for? Models may hold any nonsense that ONNX's format allows, so
// passes ask for the operands that they are about to read.
#pragma once

#include <string_view>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// One of ONNX's own operators, with a first output and with its first `inputs` inputs present.
bool has_operands(const onnx::NodeProto& node, int inputs);

// The operator `op_type` of ONNX, with its first `inputs` inputs present, and one output.
bool is_operator(const onnx::NodeProto& node, std::string_view op_type, int inputs);

}  // namespace octavo
