// Measures a network and asks balance_noise.h for its scales.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/graph.h"
#include "repair/channel_classes.h"
#include "repair/flip_clips.h"
#include "repair/repair.h"

namespace octavo {

// One natural logarithm a class, from up to 32 samples. A class that reaches a Clip without a flip
// keeps its scale. `graph` is of task.reference; `flips` has one entry for each of channels.clips.
std::vector<double> measured_log_scales(const RepairTask& task, const Graph& graph,
                                        const ChannelClasses& channels,
                                        std::span<const std::optional<ClipFlip>> flips);

}  // namespace octavo
