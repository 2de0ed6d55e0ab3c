#include "repair/gptq.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/parallel_for.h"
#include "model/graph.h"
#include "repair/code_descent.h"
#include "repair/error_feedback.h"
#include "repair/layer_grid.h"
#include "repair/store_layer.h"
#include "repair/visit_layers.h"

namespace octavo {
namespace {

// Of the mean second moment, added to each: section 3.3 of the paper.
constexpr double kDamping = 0.01;
// Output channels that are rounded together.
constexpr Eigen::Index kChannels = 64;

// One group of a layer: (v - wanted)^T second (v - wanted) is the error of an output channel.
struct GroupProblem {
  Eigen::MatrixXd second;
  Eigen::MatrixXd wanted;  // rows x channels of the group
  FeedbackRoot root;
};

std::optional<GroupProblem> make_problem(const InputMoments& moments,
                                         const Eigen::MatrixXd& weights) {
  GroupProblem problem;
  problem.second = moments.second;
  const double mean_square = problem.second.trace() / static_cast<double>(problem.second.rows());
  const double damping = mean_square > 0 ? kDamping * mean_square : 1;
  problem.second.diagonal().array() += damping;
  const Eigen::LLT<Eigen::MatrixXd> factor(problem.second);
  if (factor.info() != Eigen::Success) return std::nullopt;
  problem.wanted = factor.solve(moments.cross * weights + damping * weights);
  auto root = make_feedback_root(problem.second, FeedbackOrder::kLargestFirst);
  if (!root) return std::nullopt;
  problem.root = std::move(*root);
  return problem;
}

// Rounds the channels of one layer, some at a time.
class LayerRounder {
 public:
  LayerRounder(const LayerGrid& grid, std::vector<GroupProblem> problems)
      : grid_(grid),
        problems_(std::move(problems)),
        group_channels_(grid.channels() / static_cast<Eigen::Index>(problems_.size())),
        values_(grid.rows(), grid.channels()) {}

  Eigen::MatrixXd run(int threads) {
    const Eigen::Index chunks_a_group = (group_channels_ + kChannels - 1) / kChannels;
    const std::size_t chunks = problems_.size() * static_cast<std::size_t>(chunks_a_group);
    parallel_for(chunks, threads, [&]() -> Round {
      return [this, chunks_a_group](std::size_t index) {
        const auto chunk = static_cast<Eigen::Index>(index);
        round_chunk(chunk / chunks_a_group, chunk % chunks_a_group * kChannels);
      };
    });
    return std::move(values_);
  }

 private:
  void round_chunk(Eigen::Index group, Eigen::Index begin) {
    const GroupProblem& problem = problems_[static_cast<std::size_t>(group)];
    const Eigen::Index count = std::min(kChannels, group_channels_ - begin);
    const Eigen::Index rows = grid_.rows();
    std::vector<CodeSlot> slots;
    slots.reserve(static_cast<std::size_t>(rows * count));
    for (Eigen::Index channel = 0; channel < count; ++channel) {
      for (Eigen::Index row = 0; row < rows; ++row) {
        slots.push_back(grid_.slot(row, group * group_channels_ + begin + channel));
      }
    }
    const Eigen::MatrixXd wanted = problem.wanted.middleCols(begin, count);
    const Eigen::MatrixXd fed = round_with_feedback(problem.root, wanted, slots);
    const Eigen::MatrixXd gradient = problem.second * (fed - wanted);
    for (Eigen::Index channel = 0; channel < count; ++channel) {
      const auto own = std::span(slots).subspan(static_cast<std::size_t>(channel * rows),
                                                static_cast<std::size_t>(rows));
      std::vector<std::int32_t> codes;
      for (Eigen::Index row = 0; row < rows; ++row) {
        codes.push_back(own[static_cast<std::size_t>(row)].nearest(fed(row, channel)));
      }
      codes = descend(problem.second, gradient.col(channel), own, std::move(codes));
      values_.col(group * group_channels_ + begin + channel) = reals(own, codes);
    }
  }

  const LayerGrid& grid_;
  std::vector<GroupProblem> problems_;
  Eigen::Index group_channels_;
  Eigen::MatrixXd values_;
};

class SecondOrderRounding {
 public:
  SecondOrderRounding(const WeightRepairTask& task, RepairedWeights before)
      : task_(task), reference_(before.model), result_{std::move(before), {}, {}} {}

  WeightRepairResult run() {
    const LayerWaves layers = layer_waves(Graph(reference_.proto().graph()), result_.repaired.plan);
    const RepairTask task{reference_, task_.data, task_.executor, task_.threads};
    result_.refusals = visit_layers(
        task, layers,
        [this] { return with_code_values(result_.repaired.model, result_.repaired.plan); },
        [this](const std::string& node, const std::vector<InputMoments>& moments) {
          return round_layer(node, moments);
        });
    return std::move(result_);
  }

 private:
  std::optional<std::string> round_layer(const std::string& node,
                                         const std::vector<InputMoments>& moments) {
    const Graph graph(reference_.proto().graph());
    const auto found = as_linear_node(graph, *graph.node(node));
    const LayerGrid grid(std::get<LinearNode>(found),
                         planned_weight(result_.repaired.plan, node).params);
    const Eigen::Index share = grid.channels() / static_cast<Eigen::Index>(moments.size());
    std::vector<GroupProblem> problems;
    for (const InputMoments& group : moments) {
      const auto first = static_cast<Eigen::Index>(problems.size()) * share;
      auto problem = make_problem(group, grid.weights().middleCols(first, share));
      if (!problem) return "the second moments of its input have no root";
      problems.push_back(std::move(*problem));
    }
    const Eigen::MatrixXd values = LayerRounder(grid, std::move(problems)).run(task_.threads);
    const auto moved = (values.array() != grid.nearest().array()).count();
    set_weights(result_.repaired.model, node, grid.tensor(values));
    result_.changes.push_back(
        {node, fmt::format("{} of {} weights not at their nearest code", moved, values.size())});
    return std::nullopt;
  }

  const WeightRepairTask& task_;
  Model reference_;
  WeightRepairResult result_;
};

}  // namespace

WeightRepairResult repair_gptq(const WeightRepairTask& task, RepairedWeights before) {
  return SecondOrderRounding(task, std::move(before)).run();
}

}  // namespace octavo
