// What noise on a channel counts for where its way ends, to first order: from the last layer to the
// first, by the squares of the weights that read it. Noise of different channels and positions is
// taken to be independent.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "repair/channel_activity.h"
#include "repair/channel_classes.h"

namespace octavo {

// The class of each channel; nothing: it is never scaled.
using ChannelOwners = std::vector<std::optional<std::size_t>>;

struct LayerOwners {
  ChannelOwners outputs;
  ChannelOwners inputs;
};

// In the order of channels.layers.
std::vector<LayerOwners> channel_owners(const ChannelClasses& channels);

// Noise of variance 1 on a channel adds so much to the ratio of noise to signal at the end: where a
// layer's outputs are of no class (an output of the model, an operator that cannot take scaled
// channels).
struct ChannelImportance {
  std::vector<std::vector<double>> outputs;  // by layer and output channel
  std::vector<double> classes;               // at all that reads the class
};

// `inputs` and `outputs` as in NoiseTask.
ChannelImportance channel_importance(const ChannelClasses& channels,
                                     std::span<const LayerOwners> owners,
                                     std::span<const ChannelActivity> inputs,
                                     std::span<const ChannelActivity> outputs);

}  // namespace octavo
