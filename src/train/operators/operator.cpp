#include "train/operators/operator.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/attributes.h"
#include "model/tensor_proto.h"
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
