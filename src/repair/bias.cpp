#include "repair/bias.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "data/selection.h"
#include "model/graph.h"
#include "model/operators.h"
#include "repair/channel_means.h"
#include "repair/layer_waves.h"
#include "repair/staged_run.h"
#include "repair/store_layer.h"
#include "rewrite/rewrite.h"

namespace octavo {
namespace {

// Means converge fast: every position of a sample counts.
constexpr std::size_t kMaxSamples = 32;

ChannelTensor output_of(const Graph& graph, const std::string& node) {
  const onnx::NodeProto& layer = *graph.node(node);
  return {layer.output(0), is_product(layer) ? -1 : 1};
}

// What the layers of `nodes` put out in `model`, before any activation.
std::vector<ChannelMeans> output_means(const StagedRun& run, const Model& model,
                                       const std::vector<std::string>& nodes) {
  const Graph graph(model.proto().graph());
  std::vector<ChannelTensor> tensors;
  for (const std::string& node : nodes) tensors.push_back(output_of(graph, node));
  return channel_means(run, model, tensors);
}

std::vector<std::string> flattened(const LayerWaves& layers) {
  std::vector<std::string> nodes;
  for (const auto& wave : layers.waves) nodes.insert(nodes.end(), wave.begin(), wave.end());
  return nodes;
}

}  // namespace

RepairResult repair_bias(const RepairTask& task, Repaired before) {
  const LayerWaves layers = layer_waves(Graph(before.model.proto().graph()), before.plan);
  RepairResult result{std::move(before), {}, {}};
  for (const auto& refusal : layers.refusals) {
    result.refusals.push_back({refusal.node, refusal.reason});
  }
  const std::vector<std::string> nodes = flattened(layers);
  if (nodes.empty()) return result;
  const PickedDataset samples(task.data, evenly_spread(kMaxSamples, task.data.size()));
  StagedRun run(samples, task.executor, task.threads);
  const std::vector<ChannelMeans> wanted = output_means(run, task.reference, nodes);
  std::set<std::string, std::less<>> pending(nodes.begin(), nodes.end());
  std::size_t next = 0;
  for (const std::vector<std::string>& wave : layers.waves) {
    const Model quantized = rewrite(result.repaired.model, result.repaired.plan);
    run.advance(quantized, pending);
    const std::vector<ChannelMeans> found = output_means(run, quantized, wave);
    for (std::size_t i = 0; i < wave.size(); ++i) {
      const std::vector<double> shift = shrunk_difference(wanted[next++], found[i]);
      if (shift_bias(result.repaired, wave[i], shift)) {
        result.changes.push_back(bias_note(wave[i], shift));
      } else {
        result.refusals.push_back({wave[i], "it can hold no such bias"});
      }
      pending.erase(wave[i]);
    }
  }
  return result;
}

}  // namespace octavo
