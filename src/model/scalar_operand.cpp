#include "model/scalar_operand.h"

#include <fmt/format.h>

#include "model/tensor_proto.h"
#include "octavo/error.h"

namespace octavo {

double scalar_operand(const onnx::NodeProto& node, const Graph& graph, int input, double absent) {
  const onnx::TensorProto* constant = graph.initializer(input_or_empty(node, input));
  if (constant == nullptr) return absent;
  const Tensor value = tensor_from_proto(*constant);
  if (value.size() == 1) return value.at(0);
  throw Error(
      ErrorCode::kInvalidModel,
      fmt::format("node '{}' ({}): input {} '{}' has shape {}, expected one number", node.name(),
                  node.op_type(), input, constant->name(), to_string(value.shape())));
}

}  // namespace octavo
