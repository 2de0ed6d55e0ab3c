#include "prepare/constants.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "model/attributes.h"
#include "model/tensor_proto.h"

namespace octavo {
std::optional<Tensor> constant_tensor(const Graph& graph, std::string_view name) {
  if (!graph.is_constant(name)) return std::nullopt;
  const onnx::TensorProto& proto = *graph.initializer(name);
  if (!readable_dtype(proto.data_type())) return std::nullopt;
  return tensor_from_proto(proto);
}

std::optional<std::vector<double>> constant_values(const Graph& graph, std::string_view name) {
  const auto tensor = constant_tensor(graph, name);
  return tensor ? std::optional(to_doubles(*tensor)) : std::nullopt;
}

std::optional<std::vector<std::int64_t>> constant_ints(const Graph& graph, std::string_view name) {
  const auto tensor = constant_tensor(graph, name);
  if (!tensor) return std::nullopt;
  if (tensor->dtype() == DType::kInt64) {  // double would round it
    const auto values = tensor->as<std::int64_t>();
    return std::vector<std::int64_t>(values.begin(), values.end());
  }
  if (tensor->dtype() != DType::kInt32) return std::nullopt;
  const auto values = tensor->as<std::int32_t>();
  return std::vector<std::int64_t>(values.begin(), values.end());
}

std::optional<std::vector<std::int64_t>> constant_axes(const Graph& graph,
                                                       const onnx::NodeProto& node) {
  if (find_attribute(node, "axes") != nullptr) return ints_attribute(node, "axes");
  return constant_ints(graph, input_or_empty(node, 1));
}

std::optional<double> constant_scalar(const Graph& graph, std::string_view name) {
  const auto tensor = constant_tensor(graph, name);
  if (!tensor || tensor->size() != 1) return std::nullopt;
  return tensor->at(0);
}

std::optional<DType> readable_dtype(int onnx_data_type) {
  const auto types = all_dtypes();
  const auto found = std::find_if(types.begin(), types.end(), [&](const DTypeTraits& type) {
    return to_onnx(type.dtype) == onnx_data_type;
  });
  return found == types.end() ? std::nullopt : std::optional(found->dtype);
}

Tensor scalar_tensor(DType dtype, double value) {
  Tensor scalar(dtype, {});
  traits(dtype).encode(scalar.mutable_bytes().data(), 0, value);
  return scalar;
}

std::vector<double> to_doubles(const Tensor& tensor) {
  std::vector<double> values(tensor.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = tensor.at(i);
  return values;
}

std::optional<Tensor> from_doubles(DType dtype, const Shape& shape,
                                   const std::vector<double>& values) {
  Tensor tensor(dtype, shape);
  const DTypeTraits& type = traits(dtype);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(std::abs(values[i]) <= type.highest)) return std::nullopt;
    type.encode(tensor.mutable_bytes().data(), i, values[i]);
  }
  return tensor;
}

onnx::NodeProto constant_node(const Tensor& values, std::string_view output) {
  onnx::NodeProto node;
  node.set_op_type("Constant");
  node.set_name(std::string(output));
  node.add_output(std::string(output));
  onnx::AttributeProto& value = *node.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  *value.mutable_t() = tensor_to_proto(values, "");
  return node;
}

}  // namespace octavo
