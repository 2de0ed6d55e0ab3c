#include "pipeline/ranked_layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "search/sensitivity.h"

namespace octavo {
namespace {

bool is_quantized(const Plan& plan, std::string_view name) {
  return std::any_of(plan.nodes.begin(), plan.nodes.end(), [&](const NodePlacement& node) {
    return node.node == name && node.decision == Decision::kQuantized;
  });
}

}  // namespace

void RankedLayers::rank(const Dataset& data, const Executor& executor) {
  const PlannedModel widest = plan_widest(task_);
  SensitivityOptions options;
  options.threads = task_.options.threads;
  const SensitivityReport report = measure_sensitivity(
      {task_.model, task_.widest, widest.plan, task_.statistics}, data, executor, options);
  layers_.clear();
  for (const LayerSensitivity& layer : report.layers) {
    if (is_quantized(first_.plan, layer.node)) layers_.push_back(layer);
  }
}

void RankedLayers::rank_as(const RankedLayers& other) {
  layers_.clear();
  for (const LayerSensitivity& layer : other.layers_) {
    if (is_quantized(first_.plan, layer.node)) layers_.push_back(layer);
  }
}

PlannedModel RankedLayers::with_float(std::span<const std::size_t> layers,
                                      std::string_view why) const {
  KeepFloat kept = kept_by_coverage(task_, first_.plan);  // what coverage left in float stays so
  for (const std::size_t index : layers) {
    const LayerSensitivity& layer = layers_[index];
    kept.emplace(layer.node,
                 fmt::format("{}: as integers, it alone brings the outputs' signal to noise to "
                             "{:.1f} dB",
                             why, layer.output_sqnr_db));
  }
  return plan_with_kept_float(task_, kept);
}

std::size_t quantized_layers(const Plan& plan) {
  return static_cast<std::size_t>(
      std::count_if(plan.nodes.begin(), plan.nodes.end(), [](const NodePlacement& node) {
        return node.role == OperatorRole::kWeighted && node.decision == Decision::kQuantized;
      }));
}

}  // namespace octavo
