// A product of integers, its activation quantized while the model runs.
//
//   before                  after
//   y = MatMul(x, w)        xq, xs, xz = DynamicQuantizeLinear(x)   once for all who read x
//                           p = MatMulInteger(xq, w_quantized, xz, w_zero_point)    int32
//                           y = Mul(Cast(p), Mul(xs, w_scale))
//
// ONNX Runtime fuses the nodes into com.microsoft::DynamicQuantizeMatMul, or, where several read
// x, into MatMulIntegerToFloat.
#include <fmt/format.h>

#include "model/attributes.h"
#include "modes/weight_codes.h"
#include "modes/weight_form.h"

namespace octavo::forms {
namespace {

// Codes, scale and zero point of an activation.
const std::vector<std::string>& quantized_activation(const std::string& tensor,
                                                     ModelWriter& writer) {
  const auto found = writer.shared().find(tensor);
  if (found != writer.shared().end()) return found->second;
  std::vector<std::string> outputs;
  for (const char* suffix : {"_quantized", "_scale", "_zero_point"}) {
    outputs.push_back(writer.new_name(tensor + suffix));
  }
  writer.add_node("DynamicQuantizeLinear", "", tensor + "/DynamicQuantizeLinear", {tensor},
                  outputs);
  return writer.shared().emplace(tensor, std::move(outputs)).first->second;
}

void write(const onnx::NodeProto& node, std::span<const PlannedWeight* const> weights,
           ModelWriter& writer) {
  const PlannedWeight& weight = *weights.front();
  StoredCodes stored = quantized(weight, writer.graph());
  std::string subject = weight.tensor;
  if (stored.params.axis == 0) {
    stored = transposed(stored);
    subject += "_transposed";
  }
  const Shape channels = {stored.codes.shape()[1]};
  const auto& activation = quantized_activation(node.input(0), writer);
  const std::string& output = node.output(0);
  const bool has_bias = node.input_size() > 2 && !node.input(2).empty();
  const auto name = [&](std::string_view what) {
    return writer.new_name(fmt::format("{}_{}", output, what));
  };
  const std::string sums = name("sums");
  const std::string steps = name("steps");
  const std::string scale = name("scale");
  const std::string product = has_bias ? name("product") : output;
  writer.add_node("MatMulInteger", "", node.name(),
                  {activation[0], writer.store(stored.codes, subject + "_quantized"), activation[2],
                   store_zero_point(stored.params, channels, subject, writer)},
                  {sums});
  set_attribute(writer.add_node("Cast", "", node.name() + "/Cast", {sums}, {steps}), "to",
                std::int64_t{onnx::TensorProto::FLOAT});
  writer.add_node("Mul", "", node.name() + "/scale",
                  {activation[1], store_scale(stored.params, channels, subject, writer)}, {scale});
  writer.add_node("Mul", "", node.name() + "/Mul", {steps, scale}, {product});
  if (!has_bias) return;
  writer.add_node("Add", "", node.name() + "/Add", {product, node.input(2)}, {output});
}

}  // namespace

const WeightFormInfo& matmul_integer() {
  static const WeightFormInfo kForm = {
      .form = WeightForm::kMatMulInteger, .operands = matrix_operand, .write = write};
  return kForm;
}

}  // namespace octavo::forms
