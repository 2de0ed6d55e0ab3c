#include "train/operators/operator.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "octavo/dtype.h"
#include "octavo/error.h"

namespace octavo {

#define OCTAVO_OPERATORS(family) std::vector<MappedOperator> family##_operators();
#include "train/operators/operator_list.inc"
#undef OCTAVO_OPERATORS

const std::vector<MappedOperator>& mapped_operators() {
  static const std::vector<MappedOperator> kAll = [] {
    std::vector<MappedOperator> all;
#define OCTAVO_OPERATORS(family) \
  for (const MappedOperator& mapped : family##_operators()) all.push_back(mapped);
#include "train/operators/operator_list.inc"
#undef OCTAVO_OPERATORS
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.op_type < b.op_type; });
    return all;
  }();
  return kAll;
}

const MappedOperator* find_mapped_operator(std::string_view op_type) {
  const std::vector<MappedOperator>& all = mapped_operators();
  const auto found =
      std::lower_bound(all.begin(), all.end(), op_type,
                       [](const MappedOperator& a, std::string_view b) { return a.op_type < b; });
  return found == all.end() || found->op_type != op_type ? nullptr : &*found;
}

void refuse(const OperatorNode& node, std::string_view what) {
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{}: octavo-train does not map {}", describe(node.proto), what));
}

std::vector<std::int64_t> to_ints(const at::Tensor& tensor) {
  const at::Tensor numbers = tensor.to(at::kCPU, at::kLong).contiguous().flatten();
  const auto* first = numbers.const_data_ptr<std::int64_t>();
  return {first, first + numbers.numel()};
}

std::optional<std::vector<std::int64_t>> ints_of(const OperatorNode& node,
                                                 std::string_view attribute, const Values& inputs,
                                                 std::size_t input) {
  if (find_attribute(node.proto, attribute) != nullptr) {
    return ints_attribute(node.proto, attribute);
  }
  const at::Tensor tensor = input_at(inputs, input);
  if (!tensor.defined()) return std::nullopt;
  return to_ints(tensor);
}

std::optional<Tensor> stated_value(const OperatorNode& node, int input) {
  const onnx::TensorProto* value = node.graph.initializer(input_or_empty(node.proto, input));
  if (value == nullptr) return std::nullopt;
  return tensor_from_proto(*value);
}

std::optional<DType> declared_type(const OperatorNode& node, int input) {
  const std::string_view tensor = input_or_empty(node.proto, input);
  if (const onnx::TensorProto* value = node.graph.initializer(tensor)) {
    return dtype_from_onnx(value->data_type());
  }
  const onnx::ValueInfoProto* info = node.graph.value_info(tensor);
  if (info == nullptr || !info->type().has_tensor_type()) return std::nullopt;
  return dtype_from_onnx(info->type().tensor_type().elem_type());
}

bool is_code(DType dtype) { return traits(dtype).is_integer() && traits(dtype).bits <= 16; }

at::ScalarType torch_type(const OperatorNode& node, DType dtype) {
  switch (traits(dtype).kind) {
    case DTypeKind::kFloat:
      if (traits(dtype).bits < 16) break;
      return dtype == DType::kFloat64 ? at::kDouble : at::kFloat;
    case DTypeKind::kOther:
      if (dtype != DType::kBool) break;
      return at::kBool;
    default:
      if (is_code(dtype)) return at::kFloat;
      break;
  }
  if (dtype == DType::kInt64) return at::kLong;
  if (dtype == DType::kInt32) return at::kInt;
  refuse(node, "numbers of type " + std::string(traits(dtype).name));
}

Values on_one_device(const Values& inputs) {
  const auto found = std::find_if(inputs.begin(), inputs.end(),
                                  [](const at::Tensor& tensor) { return !tensor.is_cpu(); });
  if (found == inputs.end()) return inputs;
  const at::Device device = found->device();
  Values moved;
  for (const at::Tensor& tensor : inputs) moved.push_back(tensor.to(device));
  return moved;
}

}  // namespace octavo
