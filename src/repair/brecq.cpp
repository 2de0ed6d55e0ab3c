#include "repair/brecq.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/decibels.h"
#include "model/graph.h"
#include "model/tensor_proto.h"
#include "repair/adaround.h"
#include "repair/block/block_network.h"
#include "repair/block/block_samples.h"
#include "repair/block/layer_blocks.h"
#include "repair/block/scale_ties.h"
#include "repair/block/train_block.h"
#include "repair/layer_waves.h"
#include "repair/store_layer.h"
#include "repair/visit_layers.h"
#include "rewrite/rewrite.h"

namespace octavo {
namespace {

// Inputs and outputs of one block, all samples together.
constexpr std::size_t kMostBytes = std::size_t{512} << 20;

const PlannedConstant& weights_of(const Plan& plan, const std::string& node) {
  return *std::find_if(plan.constants.begin(), plan.constants.end(),
                       [&](const auto& entry) { return entry.node == node && entry.input == 1; });
}

Tensor weights_in(const Model& model, const std::string& node) {
  const Graph graph(model.proto().graph());
  return tensor_from_proto(*graph.initializer(graph.node(node)->input(1)));
}

// The layers whose roundings can be chosen.
std::set<std::string, std::less<>> choosable(const LayerWaves& waves, const Plan& plan,
                                             std::vector<RepairNote>& refusals) {
  for (const auto& refusal : waves.refusals) refusals.push_back({refusal.node, refusal.reason});
  std::set<std::string, std::less<>> layers;
  for (const auto& wave : waves.waves) {
    for (const std::string& node : wave) {
      const DTypeTraits& type = traits(weights_of(plan, node).params.scheme.dtype);
      if (type.is_integer()) {
        layers.insert(node);
      } else {
        refusals.push_back({node, fmt::format("{} codes have no even steps", type.name)});
      }
    }
  }
  return layers;
}

// The network that `repaired` began as, under its plan: what a repair before this one did to
// weights and biases is forgotten.
Repaired unrepaired(const RepairTask& task, Repaired repaired) {
  repaired.model = task.reference;
  const Graph graph(repaired.model.proto().graph());
  std::vector<PlannedBias> biases;
  for (PlannedBias& bias : repaired.plan.biases) {
    bias.tensor = input_or_empty(*graph.node(bias.node), bias.input);
    if (!bias.tensor.empty()) biases.push_back(std::move(bias));
  }
  repaired.plan.biases = std::move(biases);
  return repaired;
}

// Those of `waves` that are in the block.
LayerWaves waves_of(const LayerBlock& block, const LayerWaves& waves) {
  LayerWaves own;
  for (const auto& wave : waves.waves) {
    std::vector<std::string> nodes;
    for (const std::string& node : wave) {
      if (std::find(block.layers.begin(), block.layers.end(), node) != block.layers.end()) {
        nodes.push_back(node);
      }
    }
    if (!nodes.empty()) own.waves.push_back(std::move(nodes));
  }
  return own;
}

class BlockReconstruction {
 public:
  BlockReconstruction(const RepairTask& task, Repaired before)
      : task_(task), result_{unrepaired(task, std::move(before)), {}, {}}, stages_(task) {}

  RepairResult run() {
    const Graph graph(task_.reference.proto().graph());
    waves_ = layer_waves(graph, result_.repaired.plan);
    const auto layers = choosable(waves_, result_.repaired.plan, result_.refusals);
    pending_ = layers;
    for (const LayerBlock& block : layer_blocks(graph, layers)) {
      if (block.refusal.empty()) {
        reconstruct(block);
      } else {
        round_one_by_one(block);
        refuse(block, block.refusal);
      }
    }
    return std::move(result_);
  }

 private:
  void refuse(const LayerBlock& block, const std::string& reason) {
    for (const std::string& layer : block.layers) result_.refusals.push_back({layer, reason});
  }

  // adaround's work, where the block will go on from.
  void round_one_by_one(const LayerBlock& block) {
    for (const std::string& layer : block.layers) pending_.erase(layer);
    BothStages within = stages_;  // the block may change as a whole after this
    RepairResult rounded = round_adaptively(task_, std::move(result_.repaired),
                                            waves_of(block, waves_), within, pending_);
    result_.repaired = std::move(rounded.repaired);
    for (RepairNote& change : rounded.changes) result_.changes.push_back(std::move(change));
    for (RepairNote& refusal : rounded.refusals) result_.refusals.push_back(std::move(refusal));
  }

  void reconstruct(const LayerBlock& block) {
    const std::vector<BlockSample> samples = samples_of(block);
    round_one_by_one(block);
    const Graph graph(result_.repaired.model.proto().graph());
    const ScaleTies ties(graph, result_.repaired.plan);
    const BlockNetwork network(graph, result_.repaired.plan, ties, block);
    const BlockTask block_task = task_of(network);
    BlockTrainingOptions options;
    options.threads = task_.threads;
    const TrainedBlock trained = train_block(block_task, samples, options);
    if (trained.after < trained.before) {
      store(network, block_task, trained);
    } else {
      refuse(block, "its block did not come nearer to the float network's: as adaround left it");
    }
  }

  // Before the block's layers are rounded: nothing that it reads depends on them.
  std::vector<BlockSample> samples_of(const LayerBlock& block) {
    const Model quantized = rewrite(result_.repaired.model, result_.repaired.plan);
    stages_.quantized.advance(quantized, pending_);
    stages_.reference.advance(task_.reference, pending_);
    const Graph graph(result_.repaired.model.proto().graph());
    const ScaleTies ties(graph, result_.repaired.plan);
    const BlockNetwork network(graph, result_.repaired.plan, ties, block);
    return block_samples({stages_.quantized, quantized, stages_.reference, task_.reference},
                         network, kMostBytes);
  }

  BlockTask task_of(const BlockNetwork& network) const {
    BlockTask task{network, {}, {}, {}};
    const std::vector<std::string>& layers = network.block().layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      task.exact_weights.push_back(weights_in(task_.reference, layers[i]));
      task.params.push_back(weights_of(result_.repaired.plan, layers[i]).params);
      task.start.weights.push_back(
          fake_quantize(weights_in(result_.repaired.model, layers[i]), task.params.back()));
      task.start.shifts.emplace_back(DType::kFloat32,
                                     Shape{static_cast<std::int64_t>(network.shift_sizes()[i])});
    }
    for (const BlockNetwork::Step& step : network.steps()) {
      task.start.activations.push_back(step.params);
    }
    return task;
  }

  void store(const BlockNetwork& network, const BlockTask& task, const TrainedBlock& trained) {
    for (std::size_t i = 0; i < network.steps().size(); ++i) {
      if (!network.steps()[i].learned) continue;
      const QuantParams& learned = trained.values.activations[i];
      set_activation_params(result_.repaired, network.steps()[i].tensors,
                            {{learned.scale.front(), learned.zero_point.front()}, "brecq"});
    }
    const std::vector<std::string>& layers = network.block().layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Tensor& weights = trained.values.weights[i];
      const auto moved =
          moved_weights(weights, fake_quantize(task.exact_weights[i], task.params[i]));
      set_weights(result_.repaired.model, layers[i], weights);
      if (network.shift_sizes()[i] > 0) {
        const auto shift = trained.values.shifts[i].as<float>();
        shift_bias(result_.repaired, layers[i], {shift.begin(), shift.end()});
      }
      note(layers[i], fmt::format("{} of {} weights to their other neighbour; its block of {} "
                                  "layers {:.1f} dB nearer to the float network's",
                                  moved, weights.size(), layers.size(),
                                  signal_to_noise_db(trained.before, trained.after)));
    }
  }

  static std::size_t moved_weights(const Tensor& weights, const Tensor& nearest) {
    std::size_t moved = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      moved += weights.as<float>()[i] != nearest.as<float>()[i] ? 1 : 0;
    }
    return moved;
  }

  // In the place of what adaround said of the layer.
  void note(const std::string& layer, std::string text) {
    const auto found = std::find_if(result_.changes.begin(), result_.changes.end(),
                                    [&](const RepairNote& entry) { return entry.node == layer; });
    if (found != result_.changes.end()) {
      found->text = std::move(text);
    } else {
      result_.changes.push_back({layer, std::move(text)});
    }
  }

  const RepairTask& task_;
  RepairResult result_;
  LayerWaves waves_;
  BothStages stages_;
  std::set<std::string, std::less<>> pending_;  // layers that are as they were
};

}  // namespace

RepairResult repair_brecq(const RepairTask& task, Repaired before) {
  return BlockReconstruction(task, std::move(before)).run();
}

}  // namespace octavo
