#include "repair/absorb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "model/name_pool.h"
#include "prepare/graph_edits.h"
#include "repair/channel_means.h"
#include "repair/channel_ranges.h"
#include "repair/channel_shifts.h"
#include "repair/rename_tensors.h"
#include "repair/settle_shifts.h"

namespace octavo {
namespace {

// Of a pre-activation's width on the samples: so much farther it may go on others. On the samples
// held out of ppocr_cls, outputs agreed to 117 dB with no margin, 123 with 0.1, and with this to
// 127, which is what float rounding alone leaves.
constexpr double kMargin = 0.25;

ChannelTensor channels_of(const ShiftedTensor& tensor) { return {tensor.name, tensor.axis}; }

// Over all samples.
double mean_of(const ChannelMeans& means, std::size_t channel) {
  double sum = 0;
  for (const std::vector<double>& sample : means) sum += sample[channel];
  return sum / static_cast<double>(means.size());
}

// Everything that has a wish or a limit, measured in one run.
class ShiftTask {
 public:
  ShiftTask(const RepairTask& task, const Graph& graph, const ChannelShifts& shifts) {
    std::vector<const ShiftedTensor*> in_codes;
    std::vector<ChannelTensor> measured;
    for (const ShiftedTensor& tensor : shifts.tensors) {
      if (cut_behind(graph, tensor.name) != nullptr) continue;
      in_codes.push_back(&tensor);
      measured.push_back(channels_of(tensor));
    }
    for (const CutTensor& cut : shifts.cuts) measured.push_back(channels_of(cut.tensor));
    const StagedRun run(task.data, task.executor, task.threads);
    const auto ranges = channel_ranges(run, task.reference, measured);
    measured.resize(in_codes.size());
    const auto means = channel_means(run, task.reference, measured);
    for (std::size_t t = 0; t < in_codes.size(); ++t) wish_for(*in_codes[t], ranges[t], means[t]);
    for (std::size_t c = 0; c < shifts.cuts.size(); ++c) {
      limit_by(shifts.cuts[c], ranges[in_codes.size() + c]);
    }
  }

  std::vector<double> settled(std::size_t count) const {
    return settled_shifts(count, wishes_, limits_);
  }

 private:
  // Each channel around its mean, as weights make the less noise the smaller what they are
  // multiplied with; but so that the tensor is no wider than its widest channel.
  void wish_for(const ShiftedTensor& tensor, const std::vector<Range>& ranges,
                const ChannelMeans& means) {
    double widest = 0;
    for (std::size_t c = 0; c < std::min(ranges.size(), tensor.sums.size()); ++c) {
      const double alone = tensor.sums[c].empty() ? largest_magnitude(ranges[c])
                                                  : (ranges[c].max - ranges[c].min) / 2;
      widest = std::max(widest, alone);
    }
    const double weight = widest == 0 ? 1 : 1 / (widest * widest);
    for (std::size_t c = 0; c < std::min(ranges.size(), tensor.sums.size()); ++c) {
      if (tensor.sums[c].empty() || ranges[c].min > ranges[c].max) continue;
      const double target =
          std::min(std::max(mean_of(means, c), ranges[c].max - widest), ranges[c].min + widest);
      wishes_.push_back({tensor.sums[c], target, weight});
    }
  }

  void limit_by(const CutTensor& cut, const std::vector<Range>& ranges) {
    for (std::size_t c = 0; c < cut.tensor.sums.size(); ++c) {
      if (cut.tensor.sums[c].empty()) continue;
      ShiftLimit limit{cut.tensor.sums[c], 0, 0};
      if (c < ranges.size() && ranges[c].min <= ranges[c].max) {
        const double margin = kMargin * (ranges[c].max - ranges[c].min);
        const double above = ranges[c].min - margin - cut.bounds.min;
        const double below = cut.bounds.max - ranges[c].max - margin;
        if (above >= 0 && below >= 0) limit = {std::move(limit.sum), -below, above};
      }
      limits_.push_back(std::move(limit));
    }
  }

  std::vector<ShiftWish> wishes_;
  std::vector<ShiftLimit> limits_;
};

double total(const ShiftSum& sum, const std::vector<double>& shifts) {
  double result = 0;
  for (const std::size_t shift : sum) result += shifts[shift];
  return result;
}

// What each output channel's bias becomes more by, by layer.
std::vector<std::vector<double>> bias_changes(const ChannelShifts& channels,
                                              const std::vector<double>& shifts) {
  std::vector<std::vector<double>> changes;
  for (std::size_t i = 0; i < channels.layers.size(); ++i) {
    const LinearNode& layer = channels.layers[i];
    std::vector<double> missing(layer.input_channels, 0);
    for (std::size_t c = 0; c < channels.inputs[i].sums.size(); ++c) {
      missing[c] = total(channels.inputs[i].sums[c], shifts);
    }
    changes.push_back(propagated(layer, missing));
  }
  for (std::size_t shift = 0; shift < shifts.size(); ++shift) {
    const auto [layer, channel] = channels.writers[shift];
    changes[layer][channel] -= shifts[shift];
  }
  return changes;
}

bool moves(const ShiftedTensor& tensor, const std::vector<double>& shifts) {
  return std::any_of(tensor.sums.begin(), tensor.sums.end(),
                     [&](const ShiftSum& sum) { return total(sum, shifts) != 0; });
}

// The largest constant that each layer's outputs give up, by layer; layers that give none are
// missing.
std::map<std::size_t, double> given_up(const ChannelShifts& channels,
                                       const std::vector<double>& shifts) {
  std::map<std::size_t, double> largest;
  for (std::size_t shift = 0; shift < shifts.size(); ++shift) {
    if (shifts[shift] == 0) continue;
    double& most = largest[channels.writers[shift].layer];
    most = std::max(most, std::abs(shifts[shift]));
  }
  return largest;
}

void apply(FloatProposal& proposal, const Graph& graph, const ChannelShifts& channels,
           const std::vector<double>& shifts) {
  NamePool names(graph.proto());
  GraphEdits edits;
  const auto changes = bias_changes(channels, shifts);
  for (std::size_t i = 0; i < channels.layers.size(); ++i) {
    if (std::ranges::all_of(changes[i], [](double change) { return change == 0; })) continue;
    const LinearNode& layer = channels.layers[i];
    auto folded = fold_shift(graph, layer, changes[i], names);
    if (!folded) {  // no part of it is sound
      proposal.refusals = {{layer.node->name(), "a bias would leave float's range"}};
      return;
    }
    replace_layer(layer, std::move(*folded), edits);
  }
  for (const auto& [layer, most] : given_up(channels, shifts)) {
    proposal.changes.push_back(
        {channels.layers[layer].node->name(), fmt::format("channels moved by up to {:.3g}", most)});
  }
  std::vector<std::string> tensors;
  for (const ShiftedTensor& tensor : channels.tensors) {
    if (moves(tensor, shifts)) tensors.push_back(tensor.name);
  }
  std::move(edits).apply(proposal.model);
  rename_tensors(*proposal.model.mutable_proto().mutable_graph(), tensors, "_absorbed");
}

bool passes_cuts(const ChannelShifts& channels, const std::vector<double>& shifts) {
  return std::ranges::any_of(channels.cuts,
                             [&](const CutTensor& cut) { return moves(cut.tensor, shifts); });
}

}  // namespace

std::vector<FloatProposal> propose_absorb(const RepairTask& task) {
  std::vector<FloatProposal> proposals;
  for (const Cuts cuts : {Cuts::kObstacle, Cuts::kPassed}) {
    FloatProposal proposal{task.reference, Exactness::kExact, {}, {}};
    const Graph graph(proposal.model.proto().graph());
    const ChannelShifts channels = channel_shifts(graph, cuts);
    proposal.refusals = channels.refusals;
    const std::vector<double> shifts =
        ShiftTask(task, graph, channels).settled(channels.writers.size());
    if (cuts == Cuts::kPassed && !passes_cuts(channels, shifts)) break;  // it is the first again
    apply(proposal, graph, channels, shifts);
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

}  // namespace octavo
