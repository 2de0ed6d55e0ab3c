#include "search/simulation/integer_layers.h"

#include <utility>

#include "model/attributes.h"
#include "model/operators.h"
#include "search/comparison/linear_params.h"

namespace octavo {
namespace {

std::vector<std::int64_t> ints_or(const onnx::NodeProto& node, std::string_view name,
                                  std::int64_t absent, std::size_t count) {
  std::vector<std::int64_t> values = ints_attribute(node, name);
  if (values.size() != count) values.assign(count, absent);
  return values;
}

// Nothing for padding that depends on the image (auto_pad).
std::optional<ConvolutionGeometry> geometry_of(const onnx::NodeProto& node, const Shape& weight) {
  const std::string automatic = string_attribute(node, "auto_pad", "NOTSET");
  if (weight.size() < 3 || (automatic != "NOTSET" && automatic != "VALID")) return std::nullopt;
  const std::size_t dimensions = weight.size() - 2;
  const std::vector<std::int64_t> pads = ints_or(node, "pads", 0, 2 * dimensions);
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(dimensions);
  return ConvolutionGeometry{{weight.begin() + 2, weight.end()},
                             ints_or(node, "strides", 1, dimensions),
                             ints_or(node, "dilations", 1, dimensions),
                             {pads.begin(), middle},
                             {middle, pads.end()}};
}

std::vector<std::int32_t> codes_of(const Tensor& tensor) {
  std::vector<std::int32_t> codes(tensor.size());
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::int32_t>(tensor.at(i));
  return codes;
}

// [inner, outputs] -> [outputs, inner]
std::vector<std::int32_t> transposed(std::span<const std::int32_t> codes, std::size_t outputs) {
  std::vector<std::int32_t> result(codes.size());
  const std::size_t inner = codes.size() / outputs;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    result[i % outputs * inner + i / outputs] = codes[i];
  }
  return result;
}

bool set_convolution(const onnx::NodeProto& node, const Tensor& codes, IntegerLayer& layer) {
  const Shape& shape = codes.shape();
  layer.geometry = geometry_of(node, shape);
  layer.groups = static_cast<std::size_t>(int_attribute(node, "group", 1));
  if (!layer.geometry || codes.size() == 0 || layer.groups == 0) return false;
  layer.outputs = static_cast<std::size_t>(shape[0]);
  layer.inner = codes.size() / layer.outputs;
  layer.weights = kernel_rows(codes_of(codes), layer.outputs, static_cast<std::size_t>(shape[1]));
  return layer.outputs % layer.groups == 0;
}

bool set_matrix(const onnx::NodeProto& node, const Tensor& codes, IntegerLayer& layer) {
  const Shape& shape = codes.shape();
  if (shape.size() != 2 || codes.size() == 0 || int_attribute(node, "transA", 0) != 0) return false;
  const bool has_rows_of_outputs = int_attribute(node, "transB", 0) != 0;
  layer.outputs = static_cast<std::size_t>(shape[has_rows_of_outputs ? 0 : 1]);
  layer.inner = codes.size() / layer.outputs;
  layer.weights =
      has_rows_of_outputs ? codes_of(codes) : transposed(codes_of(codes), layer.outputs);
  return true;
}

// The tensor of codes behind the layer's activation, with its zero point.
bool set_activation(const Graph& graph, const onnx::NodeProto& node, IntegerLayer& layer) {
  const onnx::NodeProto* dequantize = graph.producer(node.input(0));
  if (dequantize == nullptr || dequantize->op_type() != "DequantizeLinear") return false;
  const auto params = linear_params(graph, *dequantize);
  if (!params || params->zero_point.size() != 1 || graph.is_initializer(dequantize->input(0))) {
    return false;
  }
  layer.activation = dequantize->input(0);
  layer.activation_dtype = params->scheme.dtype;
  layer.activation_zero_point = params->zero_point.front();
  return true;
}

std::optional<IntegerLayer> integer_layer(const Graph& graph, const onnx::NodeProto& node) {
  const bool is_convolution = node.op_type() == "Conv";
  if (!in_default_domain(node) || (!is_convolution && !is_product(node))) return std::nullopt;
  IntegerLayer layer;
  layer.node = node.name();
  layer.op_type = node.op_type();
  const auto weight = stored_constant(graph, node.input(1));
  if (!weight || !set_activation(graph, node, layer)) return std::nullopt;
  layer.weight_dtype = weight->params.scheme.dtype;
  layer.weight_scales = weight->params.scale;
  layer.weight_zero_points = weight->params.zero_point;
  const bool known = is_convolution ? set_convolution(node, weight->codes, layer)
                                    : set_matrix(node, weight->codes, layer);
  const std::size_t scales = layer.weight_scales.size();
  if (!known || (scales != 1 && scales != layer.outputs)) return std::nullopt;
  return layer;
}

}  // namespace

std::size_t IntegerLayer::taps() const {
  std::size_t taps = 1;
  if (geometry) {
    for (const std::int64_t length : geometry->kernel) taps *= static_cast<std::size_t>(length);
  }
  return taps;
}

std::vector<IntegerLayer> integer_layers(const Graph& graph) {
  std::vector<IntegerLayer> layers;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (auto layer = integer_layer(graph, node)) layers.push_back(*std::move(layer));
  }
  return layers;
}

}  // namespace octavo
