#include "repair/channel_importance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "repair/channel_matrix.h"

namespace octavo {
namespace {

// Every position of a pool's result averages over so many: noise falls with their number where it
// is independent and not at all where it is a shift. Its square root lies between the two.
double pooled(double importance, double reader_positions, double writer_positions) {
  return importance * std::sqrt(reader_positions / writer_positions);
}

}  // namespace

std::vector<LayerOwners> channel_owners(const ChannelClasses& channels) {
  std::vector<LayerOwners> owners;
  for (const LinearNode& layer : channels.layers) {
    owners.push_back({ChannelOwners(layer.output_channels), ChannelOwners(layer.input_channels)});
  }
  for (std::size_t i = 0; i < channels.classes.size(); ++i) {
    for (const LayerChannel& end : channels.classes[i].writers)
      owners[end.layer].outputs[end.channel] = i;
    for (const LayerChannel& end : channels.classes[i].readers)
      owners[end.layer].inputs[end.channel] = i;
  }
  return owners;
}

ChannelImportance channel_importance(const ChannelClasses& channels,
                                     std::span<const LayerOwners> owners,
                                     std::span<const ChannelActivity> inputs,
                                     std::span<const ChannelActivity> outputs) {
  ChannelImportance result;
  result.outputs.resize(channels.layers.size());
  result.classes.assign(channels.classes.size(), 0);
  for (std::size_t l = channels.layers.size(); l-- > 0;) {
    const auto& squares = outputs[l].mean_square;
    const double power = std::max(std::accumulate(squares.begin(), squares.end(), 0.0),
                                  std::numeric_limits<double>::min());
    std::vector<double>& importance = result.outputs[l];
    for (std::size_t o = 0; o < channels.layers[l].output_channels; ++o) {
      const auto owner = owners[l].outputs[o];
      importance.push_back(owner ? outputs[l].active[o] *
                                       pooled(result.classes[*owner], 1, outputs[l].positions)
                                 : 1 / power);
    }
    const ChannelMatrix energies(channels.layers[l], 0,
                                 [](double sum, double weight) { return sum + weight * weight; });
    for (std::size_t o = 0; o < energies.outputs(); ++o) {
      const std::size_t first = energies.first_input(o);
      for (std::size_t i = first; i < first + energies.inputs_per_group(); ++i) {
        const auto owner = owners[l].inputs[i];
        if (!owner) continue;
        result.classes[*owner] += pooled(importance[o] * energies.at(o, i), inputs[l].positions, 1);
      }
    }
  }
  return result;
}

}  // namespace octavo
