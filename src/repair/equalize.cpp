#include "repair/equalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "model/name_pool.h"
#include "placement/node_rules.h"
#include "prepare/graph_edits.h"
#include "repair/balance_channels.h"
#include "repair/channel_ranges.h"
#include "repair/flip_clips.h"
#include "repair/quiet_scales.h"
#include "repair/rename_tensors.h"
#include "repair/staged_run.h"

namespace octavo {
namespace {

// What each layer's channels are multiplied by.
std::vector<ChannelAffine> affines(const ChannelClasses& channels,
                                   const std::vector<double>& log_scales) {
  std::vector<ChannelAffine> result;
  for (const LinearNode& layer : channels.layers) {
    result.push_back({std::vector<double>(layer.output_channels, 1),
                      {},
                      std::vector<double>(layer.input_channels, 1)});
  }
  for (std::size_t i = 0; i < channels.classes.size(); ++i) {
    for (const LayerChannel& end : channels.classes[i].writers) {
      result[end.layer].scale[end.channel] = std::exp(log_scales[i]);
    }
    for (const LayerChannel& end : channels.classes[i].readers) {
      result[end.layer].input_scale[end.channel] = std::exp(-log_scales[i]);
    }
  }
  return result;
}

double largest_factor(const std::vector<double>& factors) {
  double largest = 1;
  for (const double factor : factors) largest = std::max({largest, factor, 1 / factor});
  return largest;
}

// The largest magnitude of each channel of each tensor, over all samples.
std::vector<std::vector<double>> channel_maxima(const RepairTask& task, const Model& model,
                                                const std::vector<ChannelTensor>& tensors) {
  const StagedRun run(task.data, task.executor, task.threads);
  std::vector<std::vector<double>> maxima;
  for (const std::vector<Range>& ranges : channel_ranges(run, model, tensors)) {
    std::vector<double>& largest = maxima.emplace_back();
    for (const Range& range : ranges) largest.push_back(largest_magnitude(range));
  }
  return maxima;
}

// So much may each class grow that no tensor's range does: a channel up to the largest of its
// tensor.
std::vector<LogLimits> log_limits(const RepairTask& task, const Model& model, const Graph& graph,
                                  const ChannelClasses& channels) {
  const std::vector<const ScaledTensor*> scaled = quantized_tensors(graph, channels);
  std::vector<ChannelTensor> tensors;
  for (const ScaledTensor* tensor : scaled) tensors.push_back({tensor->name, tensor->axis});
  const auto maxima = channel_maxima(task, model, tensors);
  std::map<std::string_view, double> bounds;
  for (const onnx::NodeProto* clip : channels.clips)
    bounds[clip->output(0)] = clip_bounds(*clip, graph).max;
  std::vector<LogLimits> limits(channels.classes.size());
  for (std::size_t t = 0; t < scaled.size(); ++t) {
    const double largest = *std::max_element(maxima[t].begin(), maxima[t].end());
    for (std::size_t c = 0; c < maxima[t].size() && c < scaled[t]->classes.size(); ++c) {
      if (!scaled[t]->classes[c] || maxima[t][c] == 0) continue;
      LogLimits& limit = limits[*scaled[t]->classes[c]];
      limit.max = std::min(limit.max, std::log(largest / maxima[t][c]));
      const auto bound = bounds.find(scaled[t]->name);
      if (bound == bounds.end()) continue;
      // A channel that reaches its bound needs it where it is.
      const bool needed = maxima[t][c] >= bound->second;
      if (needed) limit = {0, 0};
      limit.max = std::min(limit.max, std::log(bound->second / maxima[t][c]));
    }
  }
  return limits;
}

// `proposal.model` with its channels scaled; `flips` are Clips that get a bound a channel.
void scale(FloatProposal& proposal, const Graph& graph, const ChannelClasses& channels,
           const std::vector<double>& log_scales, std::span<const std::optional<ClipFlip>> flips) {
  auto scales = affines(channels, log_scales);
  std::vector<double> factors;
  for (const ChannelAffine& affine : scales) {
    factors.push_back(std::max(largest_factor(affine.scale), largest_factor(affine.input_scale)));
  }
  NamePool names(graph.proto());
  GraphEdits edits;
  for (const auto& flip : flips) {
    if (flip && largest_factor(scales[flip->layer].scale) != 1) {
      flip_clip(*flip, scales[flip->layer], names, edits);
    }
  }
  for (std::size_t i = 0; i < channels.layers.size(); ++i) {
    const LinearNode& layer = channels.layers[i];
    if (factors[i] == 1) continue;
    auto folded = fold_affine(graph, layer, scales[i], names);
    if (!folded) {  // no part of it is sound
      proposal.changes.clear();
      proposal.refusals = {{layer.node->name(), "a scaled weight would leave float's range"}};
      return;
    }
    replace_layer(layer, std::move(*folded), edits);
    proposal.changes.push_back(
        {layer.node->name(), fmt::format("channels scaled by up to {:.3g}", factors[i])});
  }
  std::vector<std::string> tensors;
  for (const ScaledTensor& tensor : channels.tensors) tensors.push_back(tensor.name);
  std::move(edits).apply(proposal.model);
  rename_tensors(*proposal.model.mutable_proto().mutable_graph(), tensors, "_equalized");
}

FloatProposal propose_balanced(const RepairTask& task, UpperBounds bounds) {
  const Exactness exactness =
      bounds == UpperBounds::kObstacle ? Exactness::kExact : Exactness::kMeasured;
  FloatProposal proposal{task.reference, exactness, {}, {}};
  const Graph graph(proposal.model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, bounds);
  proposal.refusals = channels.refusals;
  const std::vector<LogLimits> limits = log_limits(task, proposal.model, graph, channels);
  scale(proposal, graph, channels, balanced_log_scales(channels, limits), {});
  return proposal;
}

FloatProposal propose_quiet(const RepairTask& task) {
  FloatProposal proposal{task.reference, Exactness::kExact, {}, {}};
  const Graph graph(proposal.model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, UpperBounds::kPassed);
  proposal.refusals = channels.refusals;
  const auto flips = clip_flips(graph, channels);
  const auto log_scales = measured_log_scales(task, graph, channels, flips);
  scale(proposal, graph, channels, log_scales, flips);
  return proposal;
}

}  // namespace

std::vector<FloatProposal> propose_equalize(const RepairTask& task) {
  std::vector<FloatProposal> proposals;
  proposals.push_back(propose_balanced(task, UpperBounds::kObstacle));
  proposals.push_back(propose_quiet(task));
  const Graph graph(task.reference.proto().graph());
  if (!channel_classes(graph, UpperBounds::kPassed).clips.empty()) {
    proposals.push_back(propose_balanced(task, UpperBounds::kPassed));
  }
  return proposals;
}

}  // namespace octavo
