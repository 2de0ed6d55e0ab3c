// An embedding: the rows that are looked up are gathered as codes, and only they become float.
//
//   before                    after
//   y = Gather(w, i)          c = Gather(w_quantized, i)   int8
//                             s = Gather(w_scale, i)       one a row
//                             y = Mul(Cast(c), s)          less the zero point first, if it has one
#include <fmt/format.h>

#include <algorithm>

#include "model/attributes.h"
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

// [rows, 1, ...]: a scale for each row of `codes`, of the same rank.
Shape column(const Tensor& codes) {
  Shape shape(codes.shape().size(), 1);
  shape[0] = codes.shape()[0];
  return shape;
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           WeightWriter& writer) {
  const PlannedWeight& weight = *weights.front();
  const StoredCodes stored = writer.quantized(weight);
  const std::string& indices = node.input(1);
  const std::string& output = node.output(0);
  const auto name = [&](std::string_view what) {
    return writer.new_name(fmt::format("{}_{}", output, what));
  };
  const auto gather = [&](const std::string& table, std::string_view what) {
    return writer
        .add_node("Gather", "", fmt::format("{}/{}", node.name(), what), {table, indices},
                  {name(what)})
        .output(0);
  };
  const std::string codes =
      gather(writer.store(stored.codes, weight.tensor + "_quantized"), "codes");
  const std::string scale = gather(
      writer.store_scale(stored.params, column(stored.codes), weight.tensor), "scale");
  std::string steps = name("steps");
  set_attribute(writer.add_node("Cast", "", node.name() + "/Cast", {codes}, {steps}), "to",
                std::int64_t{onnx::TensorProto::FLOAT});
  const auto& points = stored.params.zero_point;
  if (std::any_of(points.begin(), points.end(), [](int point) { return point != 0; })) {
    const std::vector<float> values(points.begin(), points.end());
    const std::string zero_point =
        gather(writer.store(Tensor::of<float>(column(stored.codes), values),
                            weight.tensor + "_zero_point_float"),
               "zero_point");
    const std::string centred = name("centred");
    writer.add_node("Sub", "", node.name() + "/Sub", {steps, zero_point}, {centred});
    steps = centred;
  }
  writer.add_node("Mul", "", node.name(), {steps, scale}, {output});
}

}  // namespace

const WeightFormInfo& gathered_codes() {
  static const WeightFormInfo kForm = {
      .form = WeightForm::kGatheredCodes, .operands = operands, .write = write};
  return kForm;
}

}  // namespace octavo::forms
