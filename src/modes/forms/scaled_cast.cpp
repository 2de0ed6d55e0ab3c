// The stored codes made float by Cast and Mul, the node itself as it was. Runtimes compute what
// depends on constants alone when they load a model, where they keep a DequantizeLinear: so the
// file is small, and the node runs as fast as in float, in as much memory.
#include "model/operators.h"
#include "modes/weight_codes.h"
#include "modes/weight_form.h"

namespace octavo::forms {
namespace {

std::vector<WeightOperand> operands(const onnx::NodeProto& node, const Graph& graph,
                                    std::string& why) {
  const auto inputs = weighted_inputs(node.op_type());
  if (!inputs || node.input_size() <= inputs->weight) {
    why = "it has no weight";
    return {};
  }
  const onnx::TensorProto* weight = graph.initializer(node.input(inputs->weight));
  const auto axis =
      weight == nullptr ? std::optional<int>() : output_channel_axis(node, weight->dims_size());
  return {{inputs->weight, axis, std::nullopt}};
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           ModelWriter& writer) {
  const PlannedWeight& weight = *weights.front();
  const StoredCodes stored = quantized(weight, writer.graph());
  const std::string values = writer.new_name(weight.tensor + "_dequantized");
  write_scaled_cast({writer.store(stored.codes, weight.tensor + "_quantized"),
                     store_scale(stored.params, broadcast_shape(stored), weight.tensor, writer),
                     store_float_zero_point(stored, weight.tensor, writer)},
                    values + "/Mul", values, writer);
  writer.add_copy(node).set_input(weight.input, values);
}

}  // namespace

const WeightFormInfo& scaled_cast() {
  static const WeightFormInfo kForm = {
      .form = WeightForm::kScaledCast, .operands = operands, .write = write};
  return kForm;
}

}  // namespace octavo::forms
