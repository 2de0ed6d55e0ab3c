// com.microsoft::DynamicQuantizeLSTM: both weights of an LSTM as codes, its activations quantized
// while it runs. ONNX Runtime, docs/ContribOperators.md: W is [directions, input, 4 * hidden], R
// [directions, hidden, 4 * hidden], that is, ONNX's weights transposed; scales and zero points
// [directions, 4 * hidden].
#include <fmt/format.h>

#include "model/attributes.h"
#include "modes/weight_codes.h"
#include "modes/weight_form.h"

namespace octavo::forms {
namespace {

constexpr int kWeight = 1;
constexpr int kRecurrence = 2;
constexpr int kOrdinaryInputs = 8;  // X, W, R, B, sequence_lens, initial_h, initial_c, P

std::vector<WeightOperand> operands(const onnx::NodeProto& node, const Graph& graph,
                                    std::string& why) {
  if (node.op_type() != "LSTM" || int_attribute(node, "layout", 0) != 0) {
    why = "no LSTM with the sequence along axis 0";
    return {};
  }
  for (const int input : {kWeight, kRecurrence}) {
    const onnx::TensorProto* weight = graph.initializer(input_or_empty(node, input));
    if (weight != nullptr && weight->dims_size() == 3) continue;
    why = fmt::format("input {} is no constant of 3 dimensions", input);
    return {};
  }
  // A scale for each direction and gate: the sum over the last axis is one block.
  return {{kWeight, std::nullopt, 2}, {kRecurrence, std::nullopt, 2}};
}

// The last two axes change places.
Tensor swapped(const Tensor& codes) {
  const Shape& shape = codes.shape();
  const std::int64_t rows = shape[1];
  const std::int64_t columns = shape[2];
  const DTypeTraits& type = traits(codes.dtype());
  Tensor result(codes.dtype(), {shape[0], columns, rows});
  for (std::int64_t i = 0; i < shape[0] * rows * columns; ++i) {
    const std::int64_t matrix = i / (rows * columns);
    const std::int64_t row = i / columns % rows;
    const std::int64_t to = (matrix * columns + i % columns) * rows + row;
    type.encode(result.mutable_bytes().data(), static_cast<std::size_t>(to),
                codes.at(static_cast<std::size_t>(i)));
  }
  return result;
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           ModelWriter& writer) {
  std::vector<std::string> inputs(node.input().begin(), node.input().end());
  inputs.resize(kOrdinaryInputs);
  for (const PlannedWeight* weight : weights) {
    const StoredCodes stored = quantized(*weight, writer.graph());
    const Shape& shape = stored.codes.shape();
    const Shape gates = {shape[0], shape[1]};
    inputs[static_cast<std::size_t>(weight->input)] =
        writer.store(swapped(stored.codes), weight->tensor + "_quantized");
    inputs.push_back(store_scale(stored.params, gates, weight->tensor, writer));
    inputs.push_back(store_zero_point(stored.params, gates, weight->tensor, writer));
  }
  onnx::NodeProto& made = writer.add_node("DynamicQuantizeLSTM", kMicrosoftDomain, node.name(),
                                          inputs, {node.output().begin(), node.output().end()});
  *made.mutable_attribute() = node.attribute();
}

}  // namespace

const WeightFormInfo& dynamic_quantize_lstm() {
  static const WeightFormInfo kForm = {.form = WeightForm::kDynamicQuantizeLstm,
                                       .zero_points = ZeroPoints::kMiddle,
                                       .operands = operands,
                                       .write = write};
  return kForm;
}

}  // namespace octavo::forms
