// Cuts a network into blocks of layers that are reconstructed together.
//
//   x -> Conv -> Relu -> Conv -> Add -> Relu -> y      one block: between x and y nothing but the
//    \___________________________/                     whole carries everything
//
// A block ends at a tensor that everything passes through. A part that branches stays whole; layers
// in a row are joined up to three, with what works element by element behind them. Source: Li et
// al. 2021 (arXiv 2102.05426), section 3.2: blocks beat single layers and whole networks.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/graph.h"

namespace octavo {

struct LayerBlock {
  std::vector<std::string> nodes;  // that depend on its layers, and these; in graph order
  std::vector<std::string> layers;
  std::string output;   // tensor
  std::string refusal;  // why its layers cannot be learned together; empty: they can
};

// From the input of the network on, all of `layers`: the nodes whose weights are to be chosen.
std::vector<LayerBlock> layer_blocks(const Graph& graph,
                                     const std::set<std::string, std::less<>>& layers);

}  // namespace octavo
