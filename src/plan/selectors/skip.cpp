#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "plan/selector.h"

namespace octavo {
namespace {

// A skip connection starts where one tensor goes two ways and ends where an addition or a
// concatenation brings them together again: the short way, with one layer at most.
constexpr std::array<std::string_view, 3> kJoins = {"Add", "Concat", "Sum"};
constexpr std::size_t kMostLayers = 1;

using Found = std::unordered_set<const onnx::NodeProto*>;

// The nodes that a tensor depends on, and where each stands in the graph.
class Ways {
 public:
  explicit Ways(const Graph& graph) : graph_(graph) {
    int index = 0;
    for (const onnx::NodeProto& node : graph.proto().node()) order_.emplace(&node, index++);
  }

  Found before(std::string_view tensor) const {
    Found found;
    std::vector<const onnx::NodeProto*> open = {graph_.producer(tensor)};
    while (!open.empty()) {
      const onnx::NodeProto* node = open.back();
      open.pop_back();
      if (node == nullptr || !found.insert(node).second) continue;
      for (const std::string_view name : names_read(*node)) open.push_back(graph_.producer(name));
    }
    return found;
  }

  // The last node that both ways come from; null: they begin at the graph's inputs.
  const onnx::NodeProto* fork(const Found& one, const Found& other) const {
    const onnx::NodeProto* last = nullptr;
    for (const onnx::NodeProto* node : one) {
      const bool later = last == nullptr || order_.at(node) > order_.at(last);
      if (other.contains(node) && later) last = node;
    }
    return last;
  }

  // What lies behind the fork on this way and not on the other.
  NodeList own(const Found& way, const Found& other) const {
    NodeList nodes;
    for (const onnx::NodeProto* node : way) {
      if (!other.contains(node)) nodes.push_back(node);
    }
    return nodes;
  }

 private:
  const Graph& graph_;
  std::unordered_map<const onnx::NodeProto*, int> order_;
};

std::size_t layers_in(const NodeList& nodes) {
  return static_cast<std::size_t>(
      std::count_if(nodes.begin(), nodes.end(), [](const auto* node) { return is_layer(*node); }));
}

// The shorter of two ways into a join, if the other is a way around it.
std::optional<NodeList> skip_of(const Ways& ways, const Graph& graph, std::string_view one,
                                std::string_view other) {
  const Found before_one = ways.before(one);
  const Found before_other = ways.before(other);
  const bool from_input = graph.is_input(one) || graph.is_input(other);
  if (!from_input && ways.fork(before_one, before_other) == nullptr) return std::nullopt;
  const NodeList first = ways.own(before_one, before_other);
  const NodeList second = ways.own(before_other, before_one);
  const std::size_t fewer = std::min(layers_in(first), layers_in(second));
  if (fewer > kMostLayers || layers_in(first) == layers_in(second)) return std::nullopt;
  return layers_in(first) == fewer ? first : second;
}

NodeList select(const SelectorInput& input) {
  const Ways ways(input.graph);
  Found found;
  for (const onnx::NodeProto& node : input.graph.proto().node()) {
    if (std::find(kJoins.begin(), kJoins.end(), node.op_type()) == kJoins.end()) continue;
    for (int i = 0; i < node.input_size(); ++i) {
      for (int j = i + 1; j < node.input_size(); ++j) {
        if (input.graph.is_initializer(node.input(i)) ||
            input.graph.is_initializer(node.input(j))) {
          continue;
        }
        const auto skip = skip_of(ways, input.graph, node.input(i), node.input(j));
        if (!skip) continue;
        found.insert(skip->begin(), skip->end());
        found.insert(&node);
      }
    }
  }
  return filtered(input.candidates,
                  [&](const onnx::NodeProto& node) { return found.contains(&node); });
}

}  // namespace

const Selector& skip_selector() {
  static const Selector kSelector = {
      .word = "skip",
      .form = "skip",
      .help =
          "nodes on a skip connection (at most one layer beside a longer way), and the Add or "
          "Concat at its end",
      .arguments = SelectorArguments::kNone,
      .separator = "",
      .select = select,
  };
  return kSelector;
}

}  // namespace octavo
