#include "search/min_cut.h"

#include <algorithm>
#include <deque>

namespace octavo {
namespace {

constexpr double kNothing = 1e-9;  // rounding, not capacity

}  // namespace

std::size_t MinCut::add_point() {
  leaving_.emplace_back();
  return leaving_.size() - 1;
}

void MinCut::add_edge(std::size_t from, std::size_t to, double capacity) {
  leaving_[from].push_back(edges_.size());
  edges_.push_back({to, capacity});
  leaving_[to].push_back(edges_.size());
  edges_.push_back({from, 0});
}

bool MinCut::find_levels(std::size_t source, std::size_t sink) {
  levels_.assign(leaving_.size(), -1);
  levels_[source] = 0;
  std::deque<std::size_t> open = {source};
  while (!open.empty()) {
    const std::size_t point = open.front();
    open.pop_front();
    for (const std::size_t index : leaving_[point]) {
      const Edge& edge = edges_[index];
      if (edge.left <= kNothing || levels_[edge.to] >= 0) continue;
      levels_[edge.to] = levels_[point] + 1;
      open.push_back(edge.to);
    }
  }
  return levels_[sink] >= 0;
}

double MinCut::push(std::size_t point, std::size_t sink, double most) {
  if (point == sink) return most;
  for (std::size_t& i = next_[point]; i < leaving_[point].size(); ++i) {
    const std::size_t index = leaving_[point][i];
    const Edge edge = edges_[index];
    if (edge.left <= kNothing || levels_[edge.to] != levels_[point] + 1) continue;
    const double pushed = push(edge.to, sink, std::min(most, edge.left));
    if (pushed <= kNothing) continue;
    edges_[index].left -= pushed;
    edges_[index ^ 1U].left += pushed;
    return pushed;
  }
  return 0;
}

std::vector<bool> MinCut::source_side(std::size_t source, std::size_t sink) {
  while (find_levels(source, sink)) {
    next_.assign(leaving_.size(), 0);
    while (push(source, sink, kInfinite) > kNothing) {
    }
  }
  std::vector<bool> side(leaving_.size());
  for (std::size_t point = 0; point < side.size(); ++point) side[point] = levels_[point] >= 0;
  return side;
}

}  // namespace octavo
