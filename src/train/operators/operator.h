// The map from ONNX operators to libtorch's, with autograd. A family of operators is one file and
// one word in operator_list.inc.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/dtype.h"
#include "octavo/tensor.h"
#include "onnx/onnx-ml.pb.h"
#include "train/torch.h"

namespace octavo {

using Values = std::vector<at::Tensor>;

// A node's outputs out of its inputs; an optional input that is absent is an undefined tensor.
using Forward = std::function<Values(const Values& inputs)>;

struct OperatorNode {
  const onnx::NodeProto& proto;
  int opset = 0;  // of the default domain
  const Graph& graph;
};

struct MappedOperator {
  std::string_view op_type;
  // Throws Error(kUnsupported), naming the node, for a form of the operator that is not mapped.
  Forward (*bind)(const OperatorNode& node);
};

// In the order of op_type.
const std::vector<MappedOperator>& mapped_operators();
// Null for an operator that is not mapped.
const MappedOperator* find_mapped_operator(std::string_view op_type);

// Throws Error(kUnsupported): "node 'a' (Conv): <what>".
[[noreturn]] void refuse(const OperatorNode& node, std::string_view what);

// Undefined where the node has no such input.
inline at::Tensor input_at(const Values& inputs, std::size_t index) {
  return index < inputs.size() ? inputs[index] : at::Tensor();
}
// The whole numbers that a tensor holds.
std::vector<std::int64_t> to_ints(const at::Tensor& tensor);
// What an attribute says, or, since the opset that made it an input, that input; nothing if
// neither is there.
std::optional<std::vector<std::int64_t>> ints_of(const OperatorNode& node,
                                                 std::string_view attribute, const Values& inputs,
                                                 std::size_t input);
// What the graph says that an input holds, once for all; nothing where it is computed, or absent.
// Numbers that are read here need not be read back from a device in each run.
std::optional<Tensor> stated_value(const OperatorNode& node, int input);
// The type that the graph declares for an input; nothing where it does not say.
std::optional<DType> declared_type(const OperatorNode& node, int input);
// Whole numbers of up to 16 bits may be codes, which are trained: they are floats here.
bool is_code(DType dtype);
// What numbers of a type are here (constants.h). Throws Error(kUnsupported), naming the node, for a
// type that libtorch has not.
at::ScalarType torch_type(const OperatorNode& node, DType dtype);
// Whole numbers, such as shapes, stay on the processor until they meet tensors of a device: then
// all go there.
Values on_one_device(const Values& inputs);
// From -rank..rank-1 to 0..rank-1.
inline std::int64_t axis_of(std::int64_t axis, std::int64_t rank) {
  return axis < 0 ? axis + rank : axis;
}

}  // namespace octavo
