// A Clip whose upper bound may differ from channel to channel, made of operators that every target
// has in integers.
//
//   y = Clip(x, 0, b)  is  y = Relu(b_c - Clip(b_c - x, 0, B)),  B the largest of all b_c:
//
// what exceeds b_c becomes 0 in between, and what Clip cuts off above B was below 0 before. The
// layer that makes x makes b_c - x instead, with other weights; the second difference is a
// depthwise Conv whose weights are all -1.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "model/graph.h"
#include "model/name_pool.h"
#include "prepare/graph_edits.h"
#include "repair/channel_classes.h"

namespace octavo {

struct ClipFlip {
  const onnx::NodeProto* clip = nullptr;
  std::size_t layer =
      0;  // that makes what the Clip reads, and nothing else reads: of channels.layers
  double bound = 0;
};

// One for each of channels.clips; nothing where no Conv alone feeds it.
std::vector<std::optional<ClipFlip>> clip_flips(const Graph& graph, const ChannelClasses& channels);

// Gives each channel the bound times its scale: changes the nodes behind `writer`'s layer, and
// `writer` (which has the scales already) from s x to b s - s x.
void flip_clip(const ClipFlip& flip, ChannelAffine& writer, NamePool& names, GraphEdits& edits);

}  // namespace octavo
