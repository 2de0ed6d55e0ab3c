#include "repair/adaround.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/parallel_for.h"
#include "model/graph.h"
#include "repair/input_moments.h"
#include "repair/round_weights.h"
#include "repair/store_layer.h"
#include "rewrite/rewrite.h"

namespace octavo {
namespace {

// A little of the weights' own distance counts too, as a share of the mean second moment: inputs
// that the samples do not vary say nothing.
constexpr double kDamping = 0.01;

struct RoundedLayer {
  Tensor weights;
  std::vector<double> bias_shift;
  std::size_t moved = 0;  // weights that are not at the nearest code
};

const PlannedConstant& weights_of(const Plan& plan, const std::string& node) {
  return *std::find_if(plan.constants.begin(), plan.constants.end(),
                       [&](const auto& entry) { return entry.node == node && entry.input == 1; });
}

// One group's part of the problem, the mean of the input taken out where a bias can make up for it.
struct GroupProblem {
  RoundingObjective objective;
  Eigen::MatrixXd cross;  // target = cross * weights
  double damping = 0;
};

GroupProblem make_problem(const InputMoments& moments, bool has_bias) {
  GroupProblem problem;
  Eigen::MatrixXd second = moments.second;
  problem.cross = moments.cross;
  if (has_bias) {
    second -= moments.mean_quantized * moments.mean_quantized.transpose();
    problem.cross -= moments.mean_quantized * moments.mean_float.transpose();
  }
  const double mean_square = second.trace() / static_cast<double>(second.rows());
  problem.damping = mean_square > 0 ? kDamping * mean_square : 1;
  second.diagonal().array() += problem.damping;
  problem.objective = make_objective(std::move(second));
  return problem;
}

// Rounds the channels of one layer.
class LayerRounder {
 public:
  LayerRounder(const LinearNode& layer, const QuantParams& params,
               const std::vector<InputMoments>& moments, int threads)
      : layer_(layer),
        params_(params),
        moments_(moments),
        threads_(threads),
        has_bias_(layer.node->op_type() != "MatMul") {}

  RoundedLayer run() {
    rows_.resize(layer_.output_channels);
    for (std::size_t i = 0; i < layer_.weights.size(); ++i) {
      rows_[layer_.output_layout.channel(i)].push_back(i);
    }
    for (const InputMoments& group : moments_) problems_.push_back(make_problem(group, has_bias_));
    result_.weights = layer_.weights;
    result_.bias_shift.assign(layer_.output_channels, 0);
    moved_.assign(layer_.output_channels, 0);
    parallel_for(layer_.output_channels, threads_,
                 [this]() -> Round { return [this](std::size_t i) { round_channel(i); }; });
    result_.moved = std::accumulate(moved_.begin(), moved_.end(), std::size_t{0});
    return std::move(result_);
  }

 private:
  void round_channel(std::size_t index) {
    const std::size_t group = index / (layer_.output_channels / moments_.size());
    const GroupProblem& problem = problems_[group];
    const std::size_t entry = params_.granularity() == Granularity::kPerChannel ? index : 0;
    const ScaleZeroPoint params{params_.scale[entry], params_.zero_point[entry]};
    const CodeRange codes = code_range(params_.scheme);
    std::vector<float> weights;
    for (const std::size_t i : rows_[index]) weights.push_back(layer_.weights.as<float>()[i]);
    const auto count = static_cast<Eigen::Index>(weights.size());
    const Eigen::VectorXd exact =
        Eigen::Map<const Eigen::VectorXf>(weights.data(), count).cast<double>();
    const Eigen::VectorXd target = problem.cross * exact + problem.damping * exact;
    const auto chosen = round_weights(problem.objective, target, weights, params, codes);
    Eigen::VectorXd values(count);
    for (Eigen::Index k = 0; k < count; ++k) {
      const std::int32_t nearest = quantize(weights[k], params, codes);
      moved_[index] += nearest != chosen[k] ? 1 : 0;
      const float value = dequantize(chosen[k], params);
      values[k] = static_cast<double>(value);
      result_.weights.mutable_as<float>()[rows_[index][k]] = value;
    }
    const InputMoments& moments = moments_[group];
    result_.bias_shift[index] = exact.dot(moments.mean_float) - values.dot(moments.mean_quantized);
  }

  const LinearNode& layer_;
  const QuantParams& params_;
  const std::vector<InputMoments>& moments_;
  int threads_;
  bool has_bias_;
  std::vector<std::vector<std::size_t>> rows_;  // elements of the weights, by output channel
  std::vector<GroupProblem> problems_;
  std::vector<std::size_t> moved_;  // by output channel
  RoundedLayer result_;
};

class AdaptiveRounding {
 public:
  AdaptiveRounding(const RepairTask& task, Repaired before)
      : task_(task), result_{std::move(before), {}, {}} {}

  RepairResult run(const LayerWaves& layers, BothStages& stages,
                   const std::set<std::string, std::less<>>& behind) {
    result_.refusals = visit_layers(
        task_, layers, [this] { return rewrite(result_.repaired.model, result_.repaired.plan); },
        [this](const std::string& node, const std::vector<InputMoments>& moments) {
          return round_layer(node, moments);
        },
        stages, behind);
    return std::move(result_);
  }

 private:
  // The float weights come from the reference: a repair before this one may have moved the others.
  std::optional<std::string> round_layer(const std::string& node,
                                         const std::vector<InputMoments>& moments) {
    const Graph graph(task_.reference.proto().graph());
    const auto found = as_linear_node(graph, *graph.node(node));
    const QuantParams params = weights_of(result_.repaired.plan, node).params;
    const DTypeTraits& type = traits(params.scheme.dtype);
    if (!type.is_integer()) return fmt::format("{} codes have no even steps", type.name);
    const RoundedLayer rounded =
        LayerRounder(std::get<LinearNode>(found), params, moments, task_.threads).run();
    set_weights(result_.repaired.model, node, rounded.weights);
    shift_bias(result_.repaired, node, rounded.bias_shift);
    result_.changes.push_back({node, fmt::format("{} of {} weights to their other neighbour",
                                                 rounded.moved, rounded.weights.size())});
    return std::nullopt;
  }

  const RepairTask& task_;
  RepairResult result_;
};

}  // namespace

RepairResult repair_adaround(const RepairTask& task, Repaired before) {
  const LayerWaves layers = layer_waves(Graph(before.model.proto().graph()), before.plan);
  BothStages stages(task);
  return round_adaptively(task, std::move(before), layers, stages, {});
}

RepairResult round_adaptively(const RepairTask& task, Repaired before, const LayerWaves& layers,
                              BothStages& stages,
                              const std::set<std::string, std::less<>>& behind) {
  return AdaptiveRounding(task, std::move(before)).run(layers, stages, behind);
}

}  // namespace octavo
