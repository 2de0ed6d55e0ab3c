#include "prepare/passes/constants_to_initializers.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/tensor_proto.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

template <typename T, typename Values>
onnx::TensorProto list_tensor(const Values& values) {
  const std::vector<T> copy(values.begin(), values.end());
  return tensor_to_proto(Tensor::of<T>({static_cast<std::int64_t>(copy.size())}, copy), "");
}

template <typename T>
onnx::TensorProto scalar_tensor(T value) {
  return tensor_to_proto(Tensor::of<T>({}, std::span<const T>(&value, 1)), "");
}

// None for the kinds of value that stay a node.
std::optional<onnx::TensorProto> constant_value(const onnx::NodeProto& node) {
  if (node.attribute_size() != 1) return std::nullopt;
  const onnx::AttributeProto& value = node.attribute(0);
  if (value.name() == "value" && value.has_t()) return value.t();
  if (value.name() == "value_float") return scalar_tensor(value.f());
  if (value.name() == "value_int") return scalar_tensor(static_cast<std::int64_t>(value.i()));
  if (value.name() == "value_floats") return list_tensor<float>(value.floats());
  if (value.name() == "value_ints") return list_tensor<std::int64_t>(value.ints());
  return std::nullopt;
}

}  // namespace

PassPlan plan_constants_to_initializers(const PassContext& context) {
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!is_operator(node, "Constant", 0)) continue;
    const std::string& output = node.output(0);
    auto value = constant_value(node);
    if (!value) {
      plan.refused(node, "its value is neither a dense tensor nor numbers");
    } else if (context.graph.is_output(output)) {
      plan.refused(node, "it is an output of the graph");
    } else {
      value->set_name(output);
      plan.edits.set_initializer(std::move(*value));
      plan.edits.remove(node);
      plan.changed(node, "is an initializer now");
    }
  }
  return plan;
}

}  // namespace octavo
