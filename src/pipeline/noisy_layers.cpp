#include "pipeline/noisy_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "calibration/tensor_statistics.h"
#include "model/graph.h"
#include "model/tensor_proto.h"
#include "pipeline/moved_statistics.h"
#include "plan/apply_recipe.h"
#include "plan/plan.h"
#include "search/layers.h"
#include "search/local_error.h"

namespace octavo {
namespace {

class LayerNoise {
 public:
  LayerNoise(const Graph& graph, const Plan& plan, const Statistics& statistics)
      : graph_(graph), plan_(plan), statistics_(statistics) {}

  // The least of what its weights, its result and what it reads keep.
  double sqnr_db(const Layer& layer) const {
    double least = std::numeric_limits<double>::infinity();
    for (const PlannedConstant& constant : plan_.constants) {
      if (constant.node != layer.node) continue;
      const Tensor weight = tensor_from_proto(*graph_.initializer(constant.tensor));
      const QuantizerError error = weight_error(weight, constant.params, constant.params.axis);
      least = std::min(least, error.sqnr_db);
    }
    if (!layer.result.empty()) least = std::min(least, activation_db(layer.result));
    for (const std::string& input : layer.inputs) least = std::min(least, activation_db(input));
    return least;
  }

 private:
  double activation_db(const std::string& tensor) const {
    const PlannedActivation* planned = planned_activation(plan_, tensor);
    const bool seen = planned != nullptr && statistics_.contains(tensor) &&
                      statistics_.at(tensor).sketch().finite() > 0;
    if (!seen) return std::numeric_limits<double>::infinity();  // made elsewhere, and judged there
    return activation_error(statistics_.at(tensor).sketch(), planned->params).sqnr_db;
  }

  const Graph& graph_;
  const Plan& plan_;
  const Statistics& statistics_;
};

}  // namespace

QuantizeOptions exclude_noisy_layers(Decided& decided, Statistics& statistics,
                                     const QuantizeOptions& options) {
  QuantizeOptions result = options;
  if (!options.recipe.least_layer_sqnr_db) return result;
  const double least = *options.recipe.least_layer_sqnr_db;
  const Graph graph(decided.model.proto().graph());
  const Plan plan =
      make_plan(graph, decided.placement, statistics, decided.profile, options.recipe);
  const LayerNoise noise(graph, plan, statistics);
  for (const Layer& layer : layers_of(graph, decided.placement)) {
    const double sqnr_db = noise.sqnr_db(layer);
    if (sqnr_db >= least) continue;
    result.recipe.rules.push_back(
        {fmt::format("min-layer-sqnr {}: it keeps {:.1f} dB", least, sqnr_db),
         {{"name", {layer.node}}},
         RuleAction::kExclude});
  }
  Placement narrower = place(graph, decided.profile, placement_options(graph, result.recipe));
  statistics = with_moved_tensors(statistics, decided.placement, narrower);
  decided.placement = std::move(narrower);
  return result;
}

}  // namespace octavo
