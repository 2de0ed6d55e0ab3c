// An embedding: the rows that are looked up are gathered as codes, and only they become float.
//
//   before                    after
//   y = Gather(w, i)          c = Gather(w_quantized, i)   int8
//                             s = Gather(w_scale, i)       one a row
//                             y = Mul(Cast(c), s)          less the zero point first, if it has one
#include <fmt/format.h>

#include "model/attributes.h"
#include "modes/weight_codes.h"
#include "modes/weight_form.h"

namespace octavo::forms {
namespace {

std::vector<WeightOperand> operands(const onnx::NodeProto& node, const Graph& graph,
                                    std::string& why) {
  if (node.op_type() != "Gather" || int_attribute(node, "axis", 0) != 0) {
    why = "no lookup of rows: only Gather along axis 0 is";
    return {};
  }
  const onnx::TensorProto* weight = graph.initializer(node.input(0));
  if (weight != nullptr && weight->dims_size() < 2) {
    why = fmt::format("'{}' has no rows", node.input(0));
    return {};
  }
  return {{0, 0, std::nullopt}};
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           ModelWriter& writer) {
  const PlannedWeight& weight = *weights.front();
  const StoredCodes stored = quantized(weight, writer.graph());
  const std::string& output = node.output(0);
  const auto gather = [&](const std::string& table, std::string_view what) {
    const std::string name = writer.new_name(fmt::format("{}_{}", output, what));
    writer.add_node("Gather", "", fmt::format("{}/{}", node.name(), what), {table, node.input(1)},
                    {name});
    return name;
  };
  CastInputs inputs;
  inputs.codes = gather(writer.store(stored.codes, weight.tensor + "_quantized"), "codes");
  inputs.scale =
      gather(store_scale(stored.params, broadcast_shape(stored), weight.tensor, writer), "scale");
  const std::string zero_point = store_float_zero_point(stored, weight.tensor, writer);
  if (!zero_point.empty()) inputs.zero_point = gather(zero_point, "zero_point");
  write_scaled_cast(inputs, node.name(), output, writer);
}

}  // namespace

const WeightFormInfo& gathered_codes() {
  static const WeightFormInfo kForm = {
      .form = WeightForm::kGatheredCodes, .operands = operands, .write = write};
  return kForm;
}

}  // namespace octavo::forms
