// Mul and Add with one constant operand.
#pragma once

#include <optional>
#include <string>

#include "model/graph.h"
#include "octavo/tensor.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

struct ConstantOperation {
  std::string input;          // the operand that is computed
  std::string constant_name;  // the one that is not
  Tensor constant;            // of floats
};

// `node` as an `op_type` ("Mul" or "Add") with exactly one constant operand, of floats.
std::optional<ConstantOperation> constant_operation(const Graph& graph, const onnx::NodeProto& node,
                                                    std::string_view op_type);

}  // namespace octavo
