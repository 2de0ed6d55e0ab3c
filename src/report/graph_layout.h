// Where a graph's nodes stand in a drawing: in layers from the inputs down.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace octavo {

struct NodePosition {
  std::size_t layer =
      0;              // longest path from the beginning; sources stand just before their readers
  double across = 0;  // in node widths; nodes of one layer are at least 1 apart
  bool operator==(const NodePosition&) const = default;
};

// `edges` lead from a node to a later one (nodes in topological order, as in ONNX). Layers by
// longest path; in each, nodes at the mean of their neighbours, as near as the others let them:
// K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. SMC 11 (1981), without dummy nodes. Nearly linear in
// the number of edges. Throws nothing; edges that lead backwards are ignored.
std::vector<NodePosition> layered_layout(
    std::size_t nodes, const std::vector<std::pair<std::size_t, std::size_t>>& edges);

}  // namespace octavo
