#include "repair/analytic_bias.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "model/graph.h"
#include "prepare/constants.h"
#include "prepare/linear_node.h"
#include "repair/layer_waves.h"
#include "repair/store_layer.h"

namespace octavo {
namespace {

// (Wq - W) E[x], taken back.
std::vector<double> bias_shift(LinearNode layer, const QuantParams& params,
                               const std::vector<double>& means) {
  const Tensor codes = fake_quantize(layer.weights, params);
  const auto weights = layer.weights.mutable_as<float>();
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= codes.as<float>()[i];
  return propagated(layer, means);
}

const QuantParams& weight_params_of(const Plan& plan, const std::string& node) {
  return planned_weights(plan, node).params;
}

const QuantParams& weight_params_of(WeightPlan& plan, const std::string& node) {
  return planned_weight(plan, node).params;
}

// One layer after the other, of a model in either form. A layer's mean is what its
// BatchNormalization says whatever comes before, so their order does not matter.
template <typename Result, typename Subject>
Result corrected(const ExpectedMeans& expected, Subject before) {
  const LayerWaves layers = layer_waves(Graph(before.model.proto().graph()), before.plan);
  Result result{std::move(before), {}, {}};
  if (expected.empty()) {
    result.refusals = {{"", "the model has no BatchNormalization that tells what channels hold"}};
    return result;
  }
  for (const auto& refusal : layers.refusals) {
    result.refusals.push_back({refusal.node, refusal.reason});
  }
  for (const auto& wave : layers.waves) {
    for (const std::string& node : wave) {
      const Graph graph(result.repaired.model.proto().graph());
      const auto found = as_linear_node(graph, *graph.node(node));
      const auto& layer = std::get<LinearNode>(found);
      const auto means = expected.find(layer.node->input(0));
      if (means == expected.end() || means->second.size() != layer.input_channels) {
        result.refusals.push_back(
            {node, fmt::format("no BatchNormalization tells the means of its input '{}'",
                               layer.node->input(0))});
        continue;
      }
      const std::vector<double> shift =
          bias_shift(layer, weight_params_of(result.repaired.plan, node), means->second);
      if (shift_bias(result.repaired, node, shift)) {
        result.changes.push_back(bias_note(node, shift));
      } else {
        result.refusals.push_back({node, "it can hold no such bias"});
      }
    }
  }
  return result;
}

}  // namespace

RepairResult repair_analytic_bias(const RepairTask& task, Repaired before) {
  return corrected<RepairResult>(task.expected, std::move(before));
}

WeightRepairResult repair_analytic_bias(const WeightRepairTask& task, RepairedWeights before) {
  return corrected<WeightRepairResult>(task.expected, std::move(before));
}

}  // namespace octavo
