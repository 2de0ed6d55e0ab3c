#include "repair/store_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "core/bias.h"
#include "model/graph.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "prepare/graph_edits.h"
#include "prepare/linear_node.h"

namespace octavo {
namespace {

constexpr int kWeights = 1;
constexpr int kBias = 2;

PlannedBias* planned_bias(Plan& plan, std::string_view node) {
  const auto found = std::find_if(plan.biases.begin(), plan.biases.end(),
                                  [&](const PlannedBias& bias) { return bias.node == node; });
  return found == plan.biases.end() ? nullptr : &*found;
}

// The codes of the bias that the plan would give a layer without one; none where its biases stay
// float.
std::optional<PlannedBias> plan_new_bias(const Plan& plan, const onnx::NodeProto& node) {
  const PlannedActivation* activation = planned_activation(plan, node.input(0));
  if (plan.bias_form != BiasForm::kInt32 || activation == nullptr) return std::nullopt;
  return PlannedBias{"", node.name(), kBias,
                     bias_params(activation->params.scale.front(),
                                 planned_weights(plan, node.name()).params.scale),
                     1};
}

bool fits(const Tensor& bias, const QuantParams& params) {
  const CodeRange codes = code_range(params.scheme);
  for (std::size_t i = 0; i < bias.size(); ++i) {
    const double scale = params.scale[params.scale.size() == 1 ? 0 : i];
    if (std::abs(bias.at(i)) > scale * codes.max) return false;
  }
  return true;
}

struct ShiftedLayer {
  LinearNode before;
  FoldedLayer folded;
};

// None for a MatMul, which has no bias, and for a bias that leaves its type's range.
std::optional<ShiftedLayer> shifted_layer(const Graph& graph, std::string_view node,
                                          const std::vector<double>& shift) {
  auto found = as_linear_node(graph, *graph.node(node));
  auto& layer = std::get<LinearNode>(found);
  if (layer.node->op_type() == "MatMul") return std::nullopt;
  NamePool names(graph.proto());
  auto folded = fold_shift(graph, layer, shift, names);
  if (!folded) return std::nullopt;
  return ShiftedLayer{std::move(layer), std::move(*folded)};
}

void store(ShiftedLayer shifted, Model& model) {
  GraphEdits edits;
  replace_layer(shifted.before, std::move(shifted.folded), edits);
  std::move(edits).apply(model);
}

}  // namespace

const PlannedConstant& planned_weights(const Plan& plan, std::string_view node) {
  return *std::find_if(plan.constants.begin(), plan.constants.end(),
                       [&](const PlannedConstant& constant) {
                         return constant.node == node && constant.input == kWeights;
                       });
}

bool shift_bias(Repaired& repaired, std::string_view node, const std::vector<double>& shift) {
  const Graph graph(repaired.model.proto().graph());
  auto shifted = shifted_layer(graph, node, shift);
  if (!shifted) return false;
  const onnx::TensorProto& bias = shifted->folded.initializers.front();
  std::optional<PlannedBias> added;
  PlannedBias* planned = planned_bias(repaired.plan, node);
  if (planned == nullptr) added = plan_new_bias(repaired.plan, *shifted->before.node);
  if (planned == nullptr && added) planned = &*added;
  if (planned != nullptr && !fits(tensor_from_proto(bias), planned->params)) return false;
  if (planned != nullptr) {
    planned->tensor = bias.name();
    if (planned->params.axis) planned->params.axis = 0;  // one dimension now
  }
  if (added) repaired.plan.biases.push_back(*added);
  store(std::move(*shifted), repaired.model);
  return true;
}

bool shift_bias(RepairedWeights& repaired, std::string_view node,
                const std::vector<double>& shift) {
  const Graph graph(repaired.model.proto().graph());
  auto shifted = shifted_layer(graph, node, shift);
  if (!shifted) return false;
  store(std::move(*shifted), repaired.model);
  return true;
}

RepairNote bias_note(const std::string& node, const std::vector<double>& shift) {
  double largest = 0;
  for (const double value : shift) largest = std::max(largest, std::abs(value));
  return {node, fmt::format("bias moved by up to {:.3g}", largest)};
}

void set_weights(Model& model, std::string_view node, const Tensor& weights) {
  const Graph graph(model.proto().graph());
  GraphEdits edits;
  edits.set_initializer(tensor_to_proto(weights, graph.node(node)->input(kWeights)));
  std::move(edits).apply(model);
}

}  // namespace octavo
