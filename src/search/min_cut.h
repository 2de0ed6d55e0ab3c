// The cheapest way to part a network of points in two.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

namespace octavo {

// Directed edges with capacities >= 0 between points 0..n-1.
class MinCut {
 public:
  static constexpr double kInfinite = std::numeric_limits<double>::infinity();

  std::size_t add_point();
  // Cutting `from` (on the source's side) off `to` (on the sink's) costs `capacity`.
  void add_edge(std::size_t from, std::size_t to, double capacity);
  // True: on the source's side of a cut of least cost; of several such cuts, the one with the
  // fewest points there. No path from source to sink may be infinite all along.
  // Method: Dinitz (1970), levels and blocking flows.
  std::vector<bool> source_side(std::size_t source, std::size_t sink);

 private:
  struct Edge {
    std::size_t to = 0;
    double left = 0;  // capacity not used yet
  };

  bool find_levels(std::size_t source, std::size_t sink);
  double push(std::size_t point, std::size_t sink, double most);

  std::vector<Edge> edges_;                        // edge i's reverse is edge i ^ 1
  std::vector<std::vector<std::size_t>> leaving_;  // of each point, indices into edges_
  std::vector<std::size_t> next_;                  // of each point, the first edge not yet tried
  std::vector<int> levels_;
};

}  // namespace octavo
