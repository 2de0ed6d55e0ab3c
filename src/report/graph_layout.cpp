#include "report/graph_layout.h"

#include <algorithm>
#include <numeric>

namespace octavo {
namespace {

constexpr int kSweeps = 8;

using Neighbours = std::vector<std::vector<std::size_t>>;

struct Drawing {
  Neighbours before;
  Neighbours after;
  std::vector<NodePosition> positions;
  std::vector<std::vector<std::size_t>> layers;
};

void assign_layers(Drawing& drawing) {
  const std::size_t nodes = drawing.positions.size();
  std::size_t depth = 0;
  for (std::size_t node = 0; node < nodes; ++node) {
    std::size_t& layer = drawing.positions[node].layer;
    for (const std::size_t other : drawing.before[node]) {
      layer = std::max(layer, drawing.positions[other].layer + 1);
    }
    depth = std::max(depth, layer);
  }
  // What reads nothing stands next to what reads it, not at the top.
  for (std::size_t node = nodes; node-- > 0;) {
    if (!drawing.before[node].empty() || drawing.after[node].empty()) continue;
    std::size_t nearest = depth;
    for (const std::size_t reader : drawing.after[node]) {
      nearest = std::min(nearest, drawing.positions[reader].layer);
    }
    drawing.positions[node].layer = nearest == 0 ? 0 : nearest - 1;
  }
  drawing.layers.resize(depth + 1);
  for (std::size_t node = 0; node < nodes; ++node) {
    drawing.layers[drawing.positions[node].layer].push_back(node);
  }
}

double mean_across(const Drawing& drawing, const std::vector<std::size_t>& neighbours,
                   double otherwise) {
  if (neighbours.empty()) return otherwise;
  double sum = 0;
  for (const std::size_t other : neighbours) sum += drawing.positions[other].across;
  return sum / static_cast<double>(neighbours.size());
}

// As near to what they wish as an order by wish and the distance of 1 allow, on average.
void place_layer(Drawing& drawing, std::vector<std::size_t>& layer, const Neighbours& neighbours) {
  std::vector<double> wishes(layer.size());
  std::vector<std::size_t> order(layer.size());
  for (std::size_t i = 0; i < layer.size(); ++i) {
    wishes[i] = mean_across(drawing, neighbours[layer[i]], drawing.positions[layer[i]].across);
  }
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wishes[a] < wishes[b]; });
  std::vector<std::size_t> sorted(layer.size());
  double missed = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted[i] = layer[order[i]];
    double& across = drawing.positions[sorted[i]].across;
    across = wishes[order[i]];
    if (i > 0) across = std::max(across, drawing.positions[sorted[i - 1]].across + 1);
    missed += across - wishes[order[i]];
  }
  const double shift = missed / static_cast<double>(layer.size());
  for (const std::size_t node : sorted) drawing.positions[node].across -= shift;
  layer = std::move(sorted);
}

}  // namespace

std::vector<NodePosition> layered_layout(
    std::size_t nodes, const std::vector<std::pair<std::size_t, std::size_t>>& edges) {
  Drawing drawing{Neighbours(nodes), Neighbours(nodes), std::vector<NodePosition>(nodes), {}};
  for (const auto& [from, to] : edges) {
    if (from >= to || to >= nodes) continue;
    drawing.after[from].push_back(to);
    drawing.before[to].push_back(from);
  }
  assign_layers(drawing);
  for (auto& layer : drawing.layers) {
    for (std::size_t i = 0; i < layer.size(); ++i) {
      drawing.positions[layer[i]].across = static_cast<double>(i);
    }
  }
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (auto& layer : drawing.layers) place_layer(drawing, layer, drawing.before);
    for (std::size_t i = drawing.layers.size(); i-- > 0;) {
      place_layer(drawing, drawing.layers[i], drawing.after);
    }
  }
  return drawing.positions;
}

}  // namespace octavo
