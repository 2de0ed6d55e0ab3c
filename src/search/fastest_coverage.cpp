#include "search/fastest_coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include "search/min_cut.h"

namespace octavo {
namespace {

// Source's side: integers. Sink's side: float.
class Network {
 public:
  Network(const Graph& graph, const Placement& placement, const CoverageCosts& costs)
      : graph_(graph), costs_(costs), integers_(cut_.add_point()), float_(cut_.add_point()) {
    for (const NodePlacement& node : placement.nodes) add_node(node);
    for (const QuantizedActivation& activation : placement.activations) {
      add_tensor(activation.tensor);
    }
  }

  // True where the node's place is on the side of integers.
  std::map<std::string_view, bool> solve() {
    const std::vector<bool> side = cut_.source_side(integers_, float_);
    std::map<std::string_view, bool> result;
    for (const auto& [node, point] : points_) result.emplace(node, side[point]);
    return result;
  }

 private:
  // An absorbed activation shares the point of the node that its input comes from.
  void add_node(const NodePlacement& placed) {
    const onnx::NodeProto& node = *graph_.node(placed.node);
    if (placed.decision == Decision::kAbsorbed) {
      points_.emplace(placed.node, points_.at(graph_.producer(node.input(0))->name()));
      return;
    }
    if (placed.decision == Decision::kFloat) {
      points_.emplace(placed.node, float_);
      return;
    }
    const std::size_t point = cut_.add_point();
    points_.emplace(placed.node, point);
    const auto found = costs_.nodes.find(placed.node);
    if (found == costs_.nodes.end()) return;
    cut_.add_edge(integers_, point, found->second.in_float);
    cut_.add_edge(point, float_, found->second.on_integers);
  }

  std::size_t maker(std::string_view tensor) const {
    const onnx::NodeProto* node = graph_.producer(tensor);
    return node == nullptr ? float_ : points_.at(node->name());
  }

  std::set<std::size_t> readers(std::string_view tensor) const {
    std::set<std::size_t> points;
    for (const Use& use : graph_.uses(tensor)) points.insert(points_.at(use.node->name()));
    if (graph_.is_output(tensor) || graph_.used_in_subgraph(tensor)) points.insert(float_);
    return points;
  }

  // One conversion serves all readers on the other side, hence a point of its own for each way.
  void add_tensor(const std::string& tensor) {
    const auto size = costs_.elements.find(tensor);
    if (size == costs_.elements.end()) return;
    const auto elements = static_cast<double>(size->second);
    const std::size_t from = maker(tensor);
    const std::size_t quantized = cut_.add_point();
    cut_.add_edge(quantized, from, costs_.conversion + elements * costs_.quantize_per_element);
    const std::size_t dequantized = cut_.add_point();
    cut_.add_edge(from, dequantized, costs_.conversion + elements * costs_.dequantize_per_element);
    for (const std::size_t reader : readers(tensor)) {
      if (reader == from) continue;
      cut_.add_edge(reader, quantized, MinCut::kInfinite);
      cut_.add_edge(dequantized, reader, MinCut::kInfinite);
    }
  }

  const Graph& graph_;
  const CoverageCosts& costs_;
  MinCut cut_;
  std::size_t integers_;
  std::size_t float_;
  std::map<std::string_view, std::size_t> points_;
};

std::string reason_for(const UnitTime& time, std::string_view unit) {
  if (time.in_float < time.on_integers) {
    return fmt::format("float is faster here: {:.1f} {}, as integers {:.1f}", time.in_float, unit,
                       time.on_integers);
  }
  return fmt::format(
      "converting to and from integers would cost more than the {:.1f} {} that it saves",
      time.in_float - time.on_integers, unit);
}

// Operators that only move values follow their neighbours by themselves.
bool follows(const NodePlacement& node) {
  return node.role == OperatorRole::kPassThrough || node.role == OperatorRole::kIntegerPassThrough;
}

}  // namespace

std::map<std::string, std::string, std::less<>> fastest_in_float(const Graph& graph,
                                                                 const Placement& placement,
                                                                 const CoverageCosts& costs) {
  const auto on_integers = Network(graph, placement, costs).solve();
  std::map<std::string, std::string, std::less<>> kept;
  for (const NodePlacement& node : placement.nodes) {
    if (node.decision != Decision::kQuantized || follows(node) || on_integers.at(node.node)) {
      continue;
    }
    const auto time = costs.nodes.find(node.node);
    const UnitTime spent = time == costs.nodes.end() ? UnitTime{} : time->second;
    kept.emplace(node.node, reason_for(spent, costs.unit));
  }
  return kept;
}

}  // namespace octavo
