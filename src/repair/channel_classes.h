// Which channels of a network can be scaled without changing what it computes, and together with
// which others.
//
//   Conv a --+                         channel c of a, of b, of their sum and of its Relu are one
//            Add -> Relu -> Conv d     class: multiply row c of a and b by s, column c of d by 1/s,
//   Conv b --+                         and d computes what it did
//
// Source: Nagel et al. 2019 (arXiv 1906.04721), section 4.1, from pairs of layers to all that are
// tied together: additions tie two, Concat sets them side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "octavo/repair.h"
#include "prepare/linear_node.h"

namespace octavo {

// A Clip from 0 up to a bound does not commute with a scale.
enum class UpperBounds : std::uint8_t {
  kObstacle,  // its channels are not scaled
  kPassed,    // seen as a Relu, which commutes: right as far as the bound is not reached, or is
              // scaled too (flip_clips.h)
};

struct LayerChannel {
  std::size_t layer = 0;  // index into ChannelClasses::layers
  std::size_t channel = 0;
  bool operator==(const LayerChannel&) const = default;
};

// Channels that have one scale: those of outputs and those of inputs.
struct ChannelClass {
  std::vector<LayerChannel> writers;
  std::vector<LayerChannel> readers;
};

// A tensor some of whose channels are scaled.
struct ScaledTensor {
  std::string name;
  int axis = 1;                                     // of the channels; -1: the last
  std::vector<std::optional<std::size_t>> classes;  // by channel: index into the classes
};

struct ChannelClasses {
  std::vector<LinearNode> layers;
  std::vector<ChannelClass> classes;          // each with a writer and a reader
  std::vector<ScaledTensor> tensors;          // that hold such channels, in graph order
  std::vector<const onnx::NodeProto*> clips;  // that kPassed sees as Relu, on such tensors
  std::vector<RepairNote> refusals;           // layers whose outputs are not scaled, and why
};

// `graph` is of a prepared model, and outlives the result.
ChannelClasses channel_classes(const Graph& graph, UpperBounds bounds);

// The Relu or Clip that alone reads `tensor`: it takes the tensor over, which is never in codes.
// Null: there is none.
const onnx::NodeProto* cut_behind(const Graph& graph, std::string_view tensor);

// Those of channels.tensors that may be in codes.
std::vector<const ScaledTensor*> quantized_tensors(const Graph& graph,
                                                   const ChannelClasses& channels);

}  // namespace octavo
