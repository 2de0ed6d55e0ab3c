// DequantizeLinear on the stored codes, the node itself as it was. Runtimes that have a kernel for
// the pair fuse it where each node has a DequantizeLinear of its own and a matrix is not
// transposed.
#include "model/attributes.h"
#include "model/operators.h"
#include "modes/weight_codes.h"
#include "modes/weight_form.h"

namespace octavo::forms {
namespace {

bool is_transposed(const onnx::NodeProto& node) {
  return node.op_type() == "Gemm" && int_attribute(node, "transB", 0) != 0;
}

std::vector<WeightOperand> operands(const onnx::NodeProto& node, const Graph& graph,
                                    std::string& why) {
  const auto inputs = weighted_inputs(node.op_type());
  if (!inputs || node.input_size() <= inputs->weight) {
    why = "it has no weight";
    return {};
  }
  const onnx::TensorProto* weight = graph.initializer(node.input(inputs->weight));
  if (weight == nullptr) return {{inputs->weight, std::nullopt, std::nullopt}};  // refused by that
  const auto channels = output_channel_axis(node, weight->dims_size());
  const bool is_matrix = weight->dims_size() == 2;
  return {{inputs->weight, channels,
           channels && is_matrix ? std::optional(1 - *channels) : std::nullopt}};
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           ModelWriter& writer) {
  const PlannedWeight& weight = *weights.front();
  StoredCodes stored = quantized(weight, writer.graph());
  std::string subject = weight.tensor;
  if (is_transposed(node)) {
    stored = transposed(stored);
    subject += "_transposed";
  }
  const QuantParams& params = stored.params;
  const Shape shape = scale_shape(stored.codes.shape(), params.axis, params.block_size);
  const std::string dequantized = writer.new_name(subject + "_dequantized");
  onnx::NodeProto& linear =
      writer.add_node("DequantizeLinear", "", node.name() + "/DequantizeLinear",
                      {writer.store(stored.codes, subject + "_quantized"),
                       store_scale(params, shape, subject, writer),
                       store_zero_point(params, shape, subject, writer)},
                      {dequantized});
  if (params.axis) set_attribute(linear, "axis", std::int64_t{*params.axis});
  if (params.block_size > 0) set_attribute(linear, "block_size", params.block_size);
  onnx::NodeProto& copy = writer.add_copy(node);
  copy.set_input(weight.input, dequantized);
  if (is_transposed(node)) remove_attribute(copy, "transB");
}

}  // namespace

const WeightFormInfo& dequantize_linear() {
  static const WeightFormInfo kForm = {.form = WeightForm::kDequantizeLinear,
                                       .blocks = BlockUse::kAllowed,
                                       .opset = 13,
                                       .block_opset = 21,
                                       .operands = operands,
                                       .write = write};
  return kForm;
}

}  // namespace octavo::forms
