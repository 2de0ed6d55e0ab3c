#include "search/comparison/linear_params.h"

#include <utility>

#include "model/attributes.h"
#include "model/tensor_proto.h"

namespace octavo {
namespace {

constexpr int kScale = 1;
constexpr int kZeroPoint = 2;

bool is_quantize(const onnx::NodeProto* node) {
  return node != nullptr && node->op_type() == "QuantizeLinear";
}

bool is_dequantize(const onnx::NodeProto* node) {
  return node != nullptr && node->op_type() == "DequantizeLinear";
}

// A negative axis counts from the end, which only the subject's rank can tell.
void fix_axis(QuantParams& params, std::size_t rank) {
  if (params.axis && *params.axis < 0) params.axis = *params.axis + static_cast<int>(rank);
}

}  // namespace

std::optional<QuantParams> linear_params(const Graph& graph, const onnx::NodeProto& node) {
  const onnx::TensorProto* scale = graph.initializer(input_or_empty(node, kScale));
  const std::string_view zero_point_name = input_or_empty(node, kZeroPoint);
  const onnx::TensorProto* zero_point = graph.initializer(zero_point_name);
  if (scale == nullptr || (zero_point == nullptr && !zero_point_name.empty())) return std::nullopt;
  if (int_attribute(node, "block_size", 0) != 0 || scale->dims_size() > 1) return std::nullopt;
  const Tensor scales = tensor_from_proto(*scale).to_float32();
  QuantParams params;
  params.scale.assign(scales.as<float>().begin(), scales.as<float>().end());
  params.zero_point.assign(scales.size(), 0);
  params.scheme.dtype = DType::kUint8;
  if (zero_point != nullptr) {
    const Tensor points = tensor_from_proto(*zero_point);
    params.scheme.dtype = points.dtype();
    if (points.size() != scales.size()) return std::nullopt;
    for (std::size_t i = 0; i < points.size(); ++i) {
      params.zero_point[i] = static_cast<std::int32_t>(points.at(i));
    }
  }
  if (!traits(params.scheme.dtype).is_integer()) return std::nullopt;
  if (scales.size() > 1) params.axis = static_cast<int>(int_attribute(node, "axis", 1));
  return params;
}

std::optional<StoredConstant> stored_constant(const Graph& graph, std::string_view tensor) {
  const onnx::NodeProto* dequantize = graph.producer(tensor);
  if (!is_dequantize(dequantize)) return std::nullopt;
  auto params = linear_params(graph, *dequantize);
  if (!params) return std::nullopt;
  const onnx::NodeProto* maker = graph.producer(dequantize->input(0));
  const std::string& source = is_quantize(maker) ? maker->input(0) : dequantize->input(0);
  const onnx::TensorProto* stored = graph.initializer(source);
  if (stored == nullptr) return std::nullopt;
  Tensor constant = tensor_from_proto(*stored);
  fix_axis(*params, constant.shape().size());
  Tensor codes =
      is_quantize(maker) ? quantize(constant.to_float32(), *params) : std::move(constant);
  params->scheme.dtype = codes.dtype();  // without a zero point, the codes say their type
  Tensor values = octavo::dequantize(codes, *params);
  return StoredConstant{std::move(values), std::move(codes), std::move(*params)};
}

}  // namespace octavo
