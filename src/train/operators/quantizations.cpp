// QuantizeLinear and DequantizeLinear where codes go through other operators between them; pairs
// become one fake quantization (quantized_network.h). Codes are floats here.
#include "model/attributes.h"
#include "train/fake_quantize.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

CodeRange type_range(const OperatorNode& node) {
  const onnx::TensorProto* zero_point = node.graph.initializer(input_or_empty(node.proto, 2));
  if (zero_point == nullptr && !input_or_empty(node.proto, 2).empty()) {
    refuse(node, "a zero point that is computed");
  }
  const auto stated = static_cast<int>(int_attribute(node.proto, "output_dtype", 0));
  const int type = zero_point != nullptr ? zero_point->data_type() : stated;
  return code_range({type == 0 ? DType::kUint8 : dtype_from_onnx(type)});
}

void refuse_blocks(const OperatorNode& node) {
  if (int_attribute(node.proto, "block_size", 0) != 0) refuse(node, "blocks");
}

// One entry a slice along `axis` beside a tensor of that rank.
at::Tensor along(const at::Tensor& entries, std::int64_t axis, std::int64_t rank) {
  if (entries.dim() == 0 || entries.numel() == 1) return entries.reshape({});
  std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 1);
  shape[static_cast<std::size_t>(axis_of(axis, rank))] = -1;
  return entries.reshape(shape);
}

at::Tensor zero_point_of(const Values& inputs, std::int64_t axis) {
  const at::Tensor zero_point = input_at(inputs, 2);
  if (!zero_point.defined()) return at::zeros({}, inputs[1].options());
  return along(zero_point.to(at::kFloat), axis, inputs[0].dim());
}

Forward quantize(const OperatorNode& node) {
  refuse_blocks(node);
  const CodeRange range = type_range(node);
  const std::int64_t axis = int_attribute(node.proto, "axis", 1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor scaled = inputs[0] / along(inputs[1], axis, inputs[0].dim());
    return {at::clamp(round_straight_through(scaled) + zero_point_of(inputs, axis), range.min,
                      range.max)};
  };
}

Forward dequantize(const OperatorNode& node) {
  refuse_blocks(node);
  const std::int64_t axis = int_attribute(node.proto, "axis", 1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor codes = inputs[0].to(at::kFloat) - zero_point_of(inputs, axis);
    return {codes * along(inputs[1], axis, inputs[0].dim())};
  };
}

}  // namespace

std::vector<MappedOperator> quantizations_operators() {
  return {{"DequantizeLinear", dequantize}, {"QuantizeLinear", quantize}};
}

}  // namespace octavo
