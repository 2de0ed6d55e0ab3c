#include "prepare/passes/sink_scale.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "model/attributes.h"
#include "prepare/constant_operand.h"
#include "prepare/known_types.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

// op(s * x) == s * op(x), for any s, and for a positive one.
constexpr std::array<std::string_view, 8> kPassAnyFactor = {
    "AveragePool", "Flatten", "GlobalAveragePool", "Identity",
    "Reshape",     "Squeeze", "Transpose",         "Unsqueeze"};
constexpr std::array<std::string_view, 4> kPassPositiveFactor = {"GlobalMaxPool", "LeakyRelu",
                                                                 "MaxPool", "Relu"};

template <std::size_t Size>
bool is_one_of(const onnx::NodeProto& node, const std::array<std::string_view, Size>& names) {
  return std::find(names.begin(), names.end(), node.op_type()) != names.end();
}

// Everything that a scaled tensor reaches.
class Reach {
 public:
  Reach(const Graph& graph, double factor) : graph_(graph), factor_(factor) {}

  // False if `tensor`, scaled, reaches something that cannot take the scale.
  bool follow(const std::string& tensor) {
    if (graph_.is_output(tensor) || graph_.used_in_subgraph(tensor)) return false;
    const auto uses = graph_.uses(tensor);
    return std::all_of(uses.begin(), uses.end(), [&](const Use& use) { return enter(use); });
  }

  const std::vector<LinearNode>& layers() const { return layers_; }
  const std::vector<const onnx::NodeProto*>& carriers() const { return carriers_; }

 private:
  bool enter(const Use& use) {
    // Reached twice, a product would be scaled twice.
    if (!seen_.insert(use.node).second) return false;
    if (is_linear_operator(*use.node)) return add_layer(use);
    if (!passes_on(use)) return false;
    carriers_.push_back(use.node);
    return follow(use.node->output(0));
  }

  bool add_layer(const Use& use) {
    auto layer = as_linear_node(graph_, *use.node);
    if (use.input != 0 || std::holds_alternative<NotLinear>(layer)) return false;
    layers_.push_back(std::get<LinearNode>(std::move(layer)));
    return true;
  }

  bool passes_on(const Use& use) const {
    const onnx::NodeProto& node = *use.node;
    if (use.input > 1) return false;  // no operator here has so many
    if (is_operator(node, "Mul", 2)) return !graph_.is_initializer(node.input(1 - use.input));
    if (use.input != 0 || !is_operator(node, node.op_type(), 1)) return false;
    return is_one_of(node, kPassAnyFactor) || (factor_ > 0 && is_one_of(node, kPassPositiveFactor));
  }

  const Graph& graph_;
  double factor_;
  std::vector<LinearNode> layers_;
  std::vector<const onnx::NodeProto*> carriers_;
  std::unordered_set<const onnx::NodeProto*> seen_;
};

// `node` as a multiplication by one number that does not change the shape of the other operand.
std::optional<ConstantOperation> as_scaling(const Graph& graph, const KnownTypes& types,
                                            const onnx::NodeProto& node) {
  auto operation = constant_operation(graph, node, "Mul");
  if (!operation || operation->constant.size() != 1) return std::nullopt;
  const std::size_t rank = operation->constant.shape().size();
  const auto input_rank = types.rank(operation->input);
  const bool keeps_shape =
      rank == 0 || (input_rank && rank <= static_cast<std::size_t>(*input_rank));
  return keeps_shape ? operation : std::nullopt;
}

bool is_free(const Reach& reach, const PassPlan& plan) {
  const auto& layers = reach.layers();
  const auto& carriers = reach.carriers();
  return std::none_of(layers.begin(), layers.end(),
                      [&](const auto& layer) { return plan.edits.touches(*layer.node); }) &&
         std::none_of(carriers.begin(), carriers.end(),
                      [&](const auto* carrier) { return plan.edits.touches(*carrier); });
}

// The layers with the factor in their weights; empty if one leaves the range of its type.
std::vector<FoldedLayer> scaled_layers(const Graph& graph, const Reach& reach, double factor,
                                       NamePool& names) {
  std::vector<FoldedLayer> scaled;
  for (const LinearNode& layer : reach.layers()) {
    const ChannelAffine affine = {
        .scale = {}, .shift = {}, .input_scale = std::vector(layer.input_channels, factor)};
    auto folded = fold_affine(graph, layer, affine, names);
    if (!folded) return {};
    scaled.push_back(std::move(*folded));
  }
  return scaled;
}

void plan_one(const Graph& graph, const onnx::NodeProto& node, const ConstantOperation& scaling,
              NamePool& names, PassPlan& plan) {
  const double factor = scaling.constant.at(0);
  Reach reach(graph, factor);
  if (!reach.follow(node.output(0)) || reach.layers().empty() || !is_free(reach, plan)) return;
  std::vector<FoldedLayer> layers = scaled_layers(graph, reach, factor, names);
  if (layers.empty()) return plan.refused(node, "the folded weights leave their type's range");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    replace_layer(reach.layers()[i], std::move(layers[i]), plan.edits);
  }
  for (const onnx::NodeProto* carrier : reach.carriers()) {
    onnx::NodeProto unscaled = *carrier;
    unscaled.set_output(0, names.take(carrier->output(0) + "_unscaled"));
    plan.edits.redirect(carrier->output(0), unscaled.output(0));
    plan.edits.replace(*carrier, {std::move(unscaled)});
  }
  plan.edits.redirect(node.output(0), scaling.input);
  plan.edits.remove(node);
  plan.changed(node, "folded into " + describe(*reach.layers().front().node));
}

}  // namespace

PassPlan plan_sink_scale(const PassContext& context) {
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (plan.edits.touches(node)) continue;
    const auto scaling = as_scaling(context.graph, types, node);
    if (scaling) plan_one(context.graph, node, *scaling, names, plan);
  }
  return plan;
}

}  // namespace octavo
