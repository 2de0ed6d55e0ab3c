// Which constants can be taken from the channels of a network without changing what it computes,
// and where they come back.
//
//   Conv a --+                       a gives up p, b gives up q in a channel: the sum is short of
//            Add -> Conv d           p + q there, and d gets W (p + q) into its bias
//   Conv b --+
//
// Unlike scales (channel_classes.h), constants add up behind an Add, so each tensor's are sums of
// those of its writers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/graph.h"
#include "octavo/repair.h"
#include "octavo/statistics.h"
#include "prepare/linear_node.h"
#include "repair/channel_classes.h"

namespace octavo {

// Relu, LeakyRelu and Clip let a constant through as far as they let all values through.
enum class Cuts : std::uint8_t { kObstacle, kPassed };

// What a channel is short of: indices of shifts, one as often as it counts. Empty: of nothing.
using ShiftSum = std::vector<std::size_t>;

struct ShiftedTensor {
  std::string name;
  int axis = 1;                // of the channels; -1: the last
  std::vector<ShiftSum> sums;  // by channel
};

// What an activation reads, and between which bounds it lets values through as they are.
struct CutTensor {
  ShiftedTensor tensor;
  Range bounds;
};

struct ChannelShifts {
  std::vector<LinearNode> layers;
  std::vector<LayerChannel> writers;   // by shift: the output channel that it is taken from
  std::vector<ShiftedTensor> inputs;   // by layer; one that stays has no sums
  std::vector<ShiftedTensor> tensors;  // that are moved, in graph order
  std::vector<CutTensor> cuts;
  std::vector<RepairNote> refusals;  // layers whose outputs are not moved, and why
};

// `graph` is of a prepared model, and outlives the result.
ChannelShifts channel_shifts(const Graph& graph, Cuts cuts);

}  // namespace octavo
