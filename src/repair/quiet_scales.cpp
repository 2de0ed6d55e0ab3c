#include "repair/quiet_scales.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "data/selection.h"
#include "model/operators.h"
#include "placement/node_rules.h"
#include "repair/balance_noise.h"
#include "repair/observer.h"
#include "repair/staged_run.h"

namespace octavo {
namespace {

constexpr std::size_t kMaxSamples = 32;

// What is measured, each tensor once.
class Measurements {
 public:
  void want(const Graph& graph, const std::string& tensor, int axis) {
    if (!indices_.emplace(tensor, tensors_.size()).second) return;
    MeasuredTensor measured{{tensor, axis}};
    const onnx::NodeProto* cut = cut_behind(graph, tensor);
    if (cut != nullptr && cut->op_type() == "Clip") measured.bound = clip_bounds(*cut, graph).max;
    tensors_.push_back(std::move(measured));
  }

  void run(const RepairTask& task) {
    const PickedDataset samples(task.data, evenly_spread(kMaxSamples, task.data.size()));
    const StagedRun run(samples, task.executor, task.threads);
    statistics_ = channel_activity(run, task.reference, tensors_);
  }

  const ChannelActivity& of(const std::string& tensor) const {
    return statistics_[indices_.find(tensor)->second];
  }

 private:
  std::map<std::string, std::size_t> indices_;
  std::vector<MeasuredTensor> tensors_;
  std::vector<ChannelActivity> statistics_;
};

Measurements measure(const RepairTask& task, const Graph& graph, const ChannelClasses& channels,
                     const std::vector<const ScaledTensor*>& quantized) {
  Measurements measurements;
  for (const LinearNode& layer : channels.layers) {
    const int axis = is_product(*layer.node) ? -1 : 1;
    measurements.want(graph, layer.node->input(0), axis);
    measurements.want(graph, layer.node->output(0), axis);
  }
  for (const ScaledTensor* tensor : quantized) measurements.want(graph, tensor->name, tensor->axis);
  measurements.run(task);
  return measurements;
}

// A flip has both sides of a Clip in codes, up to the bound.
void add_flipped(const ClipFlip& flip, std::vector<QuantizedTensor>& activations) {
  const auto found = std::find_if(
      activations.begin(), activations.end(),
      [&](const QuantizedTensor& entry) { return entry.tensor->name == flip.clip->output(0); });
  if (found == activations.end()) return;
  std::fill(found->largest.begin(), found->largest.end(), flip.bound);
  activations.push_back(*found);
}

std::vector<bool> fixed_classes(const ChannelClasses& channels,
                                std::span<const std::optional<ClipFlip>> flips) {
  std::vector<bool> fixed(channels.classes.size(), false);
  for (std::size_t i = 0; i < flips.size(); ++i) {
    if (flips[i]) continue;
    for (const ScaledTensor& tensor : channels.tensors) {
      if (tensor.name != channels.clips[i]->output(0)) continue;
      for (const auto& owner : tensor.classes) {
        if (owner) fixed[*owner] = true;
      }
    }
  }
  return fixed;
}

}  // namespace

std::vector<double> measured_log_scales(const RepairTask& task, const Graph& graph,
                                        const ChannelClasses& channels,
                                        std::span<const std::optional<ClipFlip>> flips) {
  const auto quantized = quantized_tensors(graph, channels);
  const Measurements measurements = measure(task, graph, channels, quantized);
  std::vector<ChannelActivity> inputs;
  std::vector<ChannelActivity> outputs;
  for (const LinearNode& layer : channels.layers) {
    inputs.push_back(measurements.of(layer.node->input(0)));
    outputs.push_back(measurements.of(layer.node->output(0)));
    if (cut_behind(graph, layer.node->output(0)) != nullptr) continue;
    std::fill(outputs.back().active.begin(), outputs.back().active.end(), 1);
  }
  std::vector<QuantizedTensor> activations;
  for (const ScaledTensor* tensor : quantized) {
    const ChannelActivity& found = measurements.of(tensor->name);
    activations.push_back({tensor, found.largest, found.positions});
  }
  for (const auto& flip : flips) {
    if (flip) add_flipped(*flip, activations);
  }
  return quiet_log_scales({channels, inputs, outputs, activations, fixed_classes(channels, flips)});
}

}  // namespace octavo
