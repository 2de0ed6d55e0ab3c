#include "prepare/passes/hoist_scale.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "prepare/constant_operand.h"
#include "prepare/constants.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

bool is_activation(const onnx::NodeProto& node) {
  return is_operator(node, "Clip", 1) || is_operator(node, "LeakyRelu", 1) ||
         is_operator(node, "Relu", 1);
}

// The bounds of a Clip times `factor`, by input index; none if they are not known numbers.
std::optional<std::vector<std::pair<int, Tensor>>> scaled_bounds(const Graph& graph,
                                                                 const onnx::NodeProto& activation,
                                                                 double factor) {
  std::vector<std::pair<int, Tensor>> bounds;
  for (int i = 1; i < activation.input_size(); ++i) {
    if (activation.input(i).empty()) continue;
    const auto bound = constant_tensor(graph, activation.input(i));
    if (!bound || bound->size() != 1) return std::nullopt;
    auto scaled = from_doubles(bound->dtype(), bound->shape(), {bound->at(0) * factor});
    if (!scaled) return std::nullopt;
    bounds.emplace_back(i, std::move(*scaled));
  }
  return bounds;
}

void plan_one(const Graph& graph, const onnx::NodeProto& product, NamePool& names, PassPlan& plan) {
  const auto scaling = constant_operation(graph, product, "Mul");
  if (!scaling || scaling->constant.size() != 1 || !scaling->constant.shape().empty()) return;
  const double factor = scaling->constant.at(0);
  const onnx::NodeProto* activation = graph.producer(scaling->input);
  if (!(factor > 0) || std::isinf(factor) || activation == nullptr) return;
  if (!is_activation(*activation)) return;
  const onnx::NodeProto* layer = graph.producer(activation->input(0));
  if (layer == nullptr || !is_linear_operator(*layer)) return;
  if (plan.edits.touches(*activation) || plan.edits.touches(*layer)) return;
  for (const std::string& inner : {scaling->input, activation->input(0)}) {
    if (graph.only_consumer(inner) != nullptr) continue;
    return plan.refused(product, "'" + inner + "' is read elsewhere too, or is an output");
  }
  const auto linear = as_linear_node(graph, *layer);
  if (const auto* refusal = std::get_if<NotLinear>(&linear)) {
    return plan.refused(product, refusal->reason);
  }
  const auto& found = std::get<LinearNode>(linear);
  const auto bounds = scaled_bounds(graph, *activation, factor);
  if (!bounds) return plan.refused(product, "the bounds of the Clip are not constant numbers");
  const ChannelAffine affine = {
      .scale = std::vector(found.output_channels, factor), .shift = {}, .input_scale = {}};
  const std::string inner = names.take(activation->input(0) + "_scaled");
  auto scaled_layer = fold_affine(graph, found, affine, names);
  if (!scaled_layer) return plan.refused(product, "the folded weights leave their type's range");
  scaled_layer->node.set_output(0, inner);
  onnx::NodeProto scaled = *activation;
  scaled.set_input(0, inner);
  for (const auto& [index, bound] : *bounds) {
    const std::string name = names.take(activation->input(index) + "_scaled");
    plan.edits.set_initializer(tensor_to_proto(bound, name));
    scaled.set_input(index, name);
  }
  scaled.set_output(0, product.output(0));
  replace_layer(found, std::move(*scaled_layer), plan.edits);
  plan.edits.replace(*activation, {std::move(scaled)});
  plan.edits.remove(product);
  plan.changed(product, "folded into " + describe(*layer));
}

}  // namespace

PassPlan plan_hoist_scale(const PassContext& context) {
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    plan_one(context.graph, node, names, plan);
  }
  return plan;
}

}  // namespace octavo
