#include "repair/seqmse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/parallel_for.h"
#include "model/graph.h"
#include "repair/layer_grid.h"
#include "repair/visit_layers.h"

namespace octavo {
namespace {

// Shares of the scale that is there: 1, 0.97, ... 0.43.
constexpr Eigen::Index kCandidates = 20;
constexpr double kStep = 0.03;
constexpr int kSweeps = 2;

double share_of(Eigen::Index candidate) { return 1 - kStep * static_cast<double>(candidate); }

// Rows of a channel that follow each other and have one scale.
struct Block {
  Eigen::Index begin = 0;
  Eigen::Index size = 0;
};

std::vector<Block> blocks_of(const LayerGrid& grid) {
  std::vector<Block> blocks;
  for (Eigen::Index row = 0; row < grid.rows(); ++row) {
    const bool same = row > 0 && grid.entry(row, 0) == grid.entry(row - 1, 0);
    if (!same) blocks.push_back({row, 0});
    ++blocks.back().size;
  }
  return blocks;
}

// Chooses the shares of one channel's scales.
class ChannelSearch {
 public:
  ChannelSearch(const LayerGrid& grid, const std::vector<Block>& blocks,
                const Eigen::MatrixXd& second, Eigen::Index channel)
      : grid_(grid), blocks_(blocks), second_(second), channel_(channel), best_(blocks.size(), 0) {
    error_.resize(grid.rows());
    for (const Block& block : blocks) {
      error_.segment(block.begin, block.size) = errors_of(block).col(0);
    }
    gradient_ = second * error_;
  }

  // By block: which candidate.
  std::vector<Eigen::Index> run() {
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (std::size_t i = 0; i < blocks_.size(); ++i) improve(i);
    }
    return std::move(best_);
  }

 private:
  // v - w for every candidate, one a column.
  Eigen::MatrixXd errors_of(const Block& block) const {
    Eigen::MatrixXd errors(block.size, kCandidates);
    for (Eigen::Index k = 0; k < block.size; ++k) {
      const Eigen::Index row = block.begin + k;
      const double weight = grid_.weights()(row, channel_);
      CodeSlot slot = grid_.slot(row, channel_);
      const auto scale = static_cast<double>(slot.params.scale);
      for (Eigen::Index candidate = 0; candidate < kCandidates; ++candidate) {
        slot.params.scale = static_cast<float>(scale * share_of(candidate));
        errors(k, candidate) = slot.real(slot.nearest(weight)) - weight;
      }
    }
    return errors;
  }

  void improve(std::size_t index) {
    const Block& block = blocks_[index];
    const Eigen::MatrixXd steps =
        errors_of(block).colwise() - error_.segment(block.begin, block.size);
    const auto own = second_.block(block.begin, block.begin, block.size, block.size);
    // The change of the error for every candidate; 0 for the one that is there.
    const Eigen::VectorXd change =
        2 * (steps.transpose() * gradient_.segment(block.begin, block.size)) +
        (own * steps).cwiseProduct(steps).colwise().sum().transpose();
    Eigen::Index winner = 0;
    change.minCoeff(&winner);
    if (winner == best_[index] || change[winner] >= 0) return;
    gradient_ += second_.middleCols(block.begin, block.size) * steps.col(winner);
    error_.segment(block.begin, block.size) += steps.col(winner);
    best_[index] = winner;
  }

  const LayerGrid& grid_;
  const std::vector<Block>& blocks_;
  const Eigen::MatrixXd& second_;
  Eigen::Index channel_;
  std::vector<Eigen::Index> best_;
  Eigen::VectorXd error_;     // v - w
  Eigen::VectorXd gradient_;  // half of the error's: second (v - w)
};

// Changes the scales of `params`; returns how many.
std::size_t search_scales(const LayerGrid& grid, const std::vector<InputMoments>& moments,
                          int threads, QuantParams& params) {
  const std::vector<Block> blocks = blocks_of(grid);
  const auto channels = static_cast<std::size_t>(grid.channels());
  const std::size_t share = channels / moments.size();
  std::vector<std::vector<Eigen::Index>> chosen(channels);
  parallel_for(channels, threads, [&]() -> Round {
    return [&](std::size_t channel) {
      const Eigen::MatrixXd& second = moments[channel / share].second;
      chosen[channel] =
          ChannelSearch(grid, blocks, second, static_cast<Eigen::Index>(channel)).run();
    };
  });
  std::size_t changed = 0;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (chosen[channel][i] == 0) continue;
      float& scale = params.scale[grid.entry(blocks[i].begin, static_cast<Eigen::Index>(channel))];
      scale = static_cast<float>(static_cast<double>(scale) * share_of(chosen[channel][i]));
      ++changed;
    }
  }
  return changed;
}

class ScaleSearch {
 public:
  ScaleSearch(const WeightRepairTask& task, RepairedWeights before)
      : task_(task), result_{std::move(before), {}, {}} {}

  WeightRepairResult run() {
    const Model reference = result_.repaired.model;
    const Graph graph(reference.proto().graph());
    const RepairTask task{reference, task_.data, task_.executor, task_.threads};
    result_.refusals = visit_layers(
        task, layer_waves(graph, result_.repaired.plan),
        [&] { return with_code_values(reference, result_.repaired.plan); },
        [&](const std::string& node, const std::vector<InputMoments>& moments) {
          return search_layer(graph, node, moments);
        });
    return std::move(result_);
  }

 private:
  std::optional<std::string> search_layer(const Graph& graph, const std::string& node,
                                          const std::vector<InputMoments>& moments) {
    QuantParams& params = planned_weight(result_.repaired.plan, node).params;
    if (params.granularity() == Granularity::kPerTensor) {
      return "its weights have one scale for all channels";
    }
    const auto found = as_linear_node(graph, *graph.node(node));
    const LayerGrid grid(std::get<LinearNode>(found), params);
    const std::size_t scales = params.scale.size();
    const std::size_t changed = search_scales(grid, moments, task_.threads, params);
    if (changed == 0) return std::nullopt;
    result_.changes.push_back({node, fmt::format("{} of {} scales smaller", changed, scales)});
    return std::nullopt;
  }

  const WeightRepairTask& task_;
  WeightRepairResult result_;
};

}  // namespace

WeightRepairResult repair_seqmse(const WeightRepairTask& task, RepairedWeights before) {
  return ScaleSearch(task, std::move(before)).run();
}

}  // namespace octavo
