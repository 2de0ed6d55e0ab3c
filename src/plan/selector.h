// What a selector is: a word that picks nodes of a graph. One file each in selectors/, one word in
// selectors/selector_list.inc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"

namespace octavo {

using NodeList = std::vector<const onnx::NodeProto*>;  // in graph order

struct SelectorInput {
  const Graph& graph;
  const NodeList& candidates;  // those that the rule's other selectors left
  std::span<const std::string> arguments;
};

enum class SelectorOrder : std::uint8_t {
  kAny,   // looks at each node by itself: the order among such selectors makes no difference
  kLast,  // counts among those that the other selectors leave
};

enum class SelectorArguments : std::uint8_t { kNone, kOne, kTwo, kSeveral };

struct Selector {
  std::string_view word;
  std::string_view form;  // how users write it: "op=TYPE[|TYPE...]"
  std::string_view help;
  SelectorArguments arguments = SelectorArguments::kOne;
  std::string_view separator;  // between arguments in a rule's text
  SelectorOrder order = SelectorOrder::kAny;
  NodeList (*select)(const SelectorInput& input) = nullptr;
  // What an argument may be in this graph, so that others are errors, and what such a thing is
  // called. Null: not for a list to say.
  std::vector<std::string> (*vocabulary)(const Graph& graph) = nullptr;
  std::string_view noun = "";
};

#define OCTAVO_SELECTOR(identifier) const Selector& identifier##_selector();
#include "plan/selectors/selector_list.inc"
#undef OCTAVO_SELECTOR

// In the order of the list, which is that of the words.
std::span<const Selector* const> all_selectors();
// Throws Error(kInvalidArgument), naming them all, for an unknown word.
const Selector& find_selector(std::string_view word);

// Candidates that `fits` accepts.
template <typename Fits>
NodeList filtered(const NodeList& candidates, Fits fits) {
  NodeList result;
  for (const onnx::NodeProto* node : candidates) {
    if (fits(*node)) result.push_back(node);
  }
  return result;
}

// Whether `text` is one of the rule's arguments.
bool names(const SelectorInput& input, std::string_view text);

// The argument of a selector that counts. Throws Error(kInvalidArgument) unless it is a whole
// number above 0.
std::size_t counted(const SelectorInput& input, std::string_view word);

// Those of the candidates that carry weights; all of them if none does.
NodeList layers_among(const SelectorInput& input);

// Whether the node has a weight, constant or not, by ONNX's definition of its type.
bool is_layer(const onnx::NodeProto& node);

// Vocabularies: names of nodes, operator types, and tensors that a node makes or the caller feeds.
std::vector<std::string> node_names(const Graph& graph);
std::vector<std::string> operator_types(const Graph& graph);
std::vector<std::string> tensor_names(const Graph& graph);

}  // namespace octavo
