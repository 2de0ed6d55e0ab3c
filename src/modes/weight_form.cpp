#include "modes/weight_form.h"

#include <fmt/format.h>

#include <array>

#include "model/attributes.h"
#include "model/operators.h"

namespace octavo {
namespace forms {
#define OCTAVO_WEIGHT_FORM(identifier, name) const WeightFormInfo& name();
#include "placement/weight_form_list.inc"
#undef OCTAVO_WEIGHT_FORM
}  // namespace forms

const WeightFormInfo& weight_form(WeightForm form) {
  static const std::array kForms = {
#define OCTAVO_WEIGHT_FORM(identifier, name) &forms::name(),
#include "placement/weight_form_list.inc"
#undef OCTAVO_WEIGHT_FORM
  };
  return *kForms[static_cast<std::size_t>(form)];
}

std::vector<WeightOperand> matrix_operand(const onnx::NodeProto& node, const Graph& graph,
                                          std::string& why) {
  const auto inputs = weighted_inputs(node.op_type());
  const bool is_gemm = node.op_type() == "Gemm";
  if (!inputs || (!is_gemm && node.op_type() != "MatMul")) {
    why = fmt::format("{} is no matrix product", node.op_type());
    return {};
  }
  const onnx::TensorProto* weight = graph.initializer(node.input(inputs->weight));
  if (weight != nullptr && weight->dims_size() != 2) {
    why = fmt::format("its weight has {} dimensions, expected 2", weight->dims_size());
    return {};
  }
  const bool plain =
      !is_gemm || (int_attribute(node, "transA", 0) == 0 &&
                   float_attribute(node, "alpha", 1) == 1 && float_attribute(node, "beta", 1) == 1);
  if (!plain) {
    why = "a Gemm with a transposed activation or with factors";
    return {};
  }
  const int channels = output_channel_axis(node, 2).value_or(1);
  return {{inputs->weight, channels, 1 - channels}};
}

}  // namespace octavo
