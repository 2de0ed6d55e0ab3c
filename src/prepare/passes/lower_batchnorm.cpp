#include "prepare/passes/lower_batchnorm.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "prepare/batchnorm.h"
#include "prepare/constants.h"
#include "prepare/known_types.h"
#include "prepare/linear_node.h"

namespace octavo {
namespace {

// The layer behind `norm` that can take it in; none if there is not exactly that.
std::optional<LinearNode> layer_behind(const Graph& graph, const KnownTypes& types,
                                       const onnx::NodeProto& norm) {
  const onnx::NodeProto* layer = graph.only_consumer(norm.output(0));
  if (layer == nullptr || !is_linear_operator(*layer)) return std::nullopt;
  const std::string& op = layer->op_type();
  // A ConvTranspose adds fewer products at the border, as if it padded.
  if (layer->input(0) != norm.output(0) || op == "ConvTranspose") return std::nullopt;
  if (op == "Conv" && !pads_nothing(*layer)) return std::nullopt;
  if (op == "Gemm" && int_attribute(*layer, "transA", 0) != 0) return std::nullopt;
  if (op == "MatMul" && types.rank(norm.input(0)) != 2) return std::nullopt;
  auto linear = as_linear_node(graph, *layer);
  if (std::holds_alternative<NotLinear>(linear)) return std::nullopt;
  return std::get<LinearNode>(std::move(linear));
}

bool fold_forward(const PassContext& context, const KnownTypes& types, const onnx::NodeProto& norm,
                  const ChannelAffine& affine, NamePool& names, PassPlan& plan) {
  const auto linear = layer_behind(context.graph, types, norm);
  if (!linear || linear->input_channels != affine.scale.size()) return false;
  if (plan.edits.touches(*linear->node)) return false;
  const ChannelAffine moved = {
      .scale = {}, .shift = propagated(*linear, affine.shift), .input_scale = affine.scale};
  auto folded = fold_affine(context.graph, *linear, moved, names);
  if (!folded) return false;
  folded->node.set_input(0, norm.input(0));
  replace_layer(*linear, std::move(*folded), plan.edits);
  plan.edits.remove(norm);
  plan.changed(norm, "folded into " + describe(*linear->node));
  return true;
}

onnx::NodeProto arithmetic(std::string_view op_type, const std::string& name,
                           const std::string& left, const std::string& right,
                           const std::string& output) {
  onnx::NodeProto node;
  node.set_op_type(std::string(op_type));
  node.set_name(name);
  node.add_input(left);
  node.add_input(right);
  node.add_output(output);
  return node;
}

// The reason why there is no such form, or empty.
std::string split(const PassContext& context, const KnownTypes& types, const onnx::NodeProto& norm,
                  const ChannelAffine& affine, NamePool& names, PassPlan& plan) {
  const auto rank = types.rank(norm.input(0));
  if (!rank || *rank < 2) return "the rank of '" + norm.input(0) + "' is not known";
  Shape shape(static_cast<std::size_t>(*rank) - 1, 1);
  shape.front() = static_cast<std::int64_t>(affine.scale.size());
  const DType dtype = dtype_from_onnx(context.graph.initializer(norm.input(1))->data_type());
  const auto scale = from_doubles(dtype, shape, affine.scale);
  const auto shift = from_doubles(dtype, shape, affine.shift);
  if (!scale || !shift) return "its scale leaves the range of its type";
  const std::string& output = norm.output(0);
  const std::string scale_name = names.take(output + "_scale");
  const std::string shift_name = names.take(output + "_shift");
  const std::string scaled = names.take(output + "_scaled");
  plan.edits.set_initializer(tensor_to_proto(*scale, scale_name));
  plan.edits.set_initializer(tensor_to_proto(*shift, shift_name));
  const std::string product_name = norm.name().empty() ? "" : names.take(norm.name() + "_mul");
  plan.edits.replace(norm, {arithmetic("Mul", product_name, norm.input(0), scale_name, scaled),
                            arithmetic("Add", norm.name(), scaled, shift_name, output)});
  plan.changed(norm, "BatchNormalization is Mul and Add now");
  return "";
}

// Would fold_batchnorm take it? Then it is not alone, only disabled or not yet asked.
bool is_folds_business(const Graph& graph, const onnx::NodeProto& norm) {
  const onnx::NodeProto* producer = graph.producer(norm.input(0));
  return producer != nullptr && is_linear_operator(*producer) &&
         graph.only_consumer(norm.input(0)) == &norm &&
         std::holds_alternative<LinearNode>(as_linear_node(graph, *producer));
}

}  // namespace

PassPlan plan_lower_batchnorm(const PassContext& context) {
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!is_batchnorm(node) || is_folds_business(context.graph, node)) continue;
    const auto affine = batchnorm_affine(context.graph, node);
    if (const auto* reason = std::get_if<std::string>(&affine)) {
      plan.refused(node, *reason);
      continue;
    }
    const auto& found = std::get<ChannelAffine>(affine);
    if (fold_forward(context, types, node, found, names, plan)) continue;
    if (const std::string reason = split(context, types, node, found, names, plan);
        !reason.empty()) {
      plan.refused(node, reason);
    }
  }
  return plan;
}

}  // namespace octavo
