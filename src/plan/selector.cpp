#include "plan/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "model/operators.h"
#include "octavo/error.h"

namespace octavo {

std::span<const Selector* const> all_selectors() {
#define OCTAVO_SELECTOR(identifier) &identifier##_selector(),
  static const std::array kSelectors = {
#include "plan/selectors/selector_list.inc"
  };
#undef OCTAVO_SELECTOR
  return kSelectors;
}

const Selector& find_selector(std::string_view word) {
  std::string known;
  for (const Selector* selector : all_selectors()) {
    if (selector->word == word) return *selector;
    known += (known.empty() ? "" : ", ") + std::string(selector->word);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("unknown selector '{}', expected one of {}", word, known));
}

bool names(const SelectorInput& input, std::string_view text) {
  return std::find(input.arguments.begin(), input.arguments.end(), text) != input.arguments.end();
}

std::size_t counted(const SelectorInput& input, std::string_view word) {
  const std::string& text = input.arguments.front();
  std::size_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || number == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}={}: expected a whole number above 0", word, text));
  }
  return number;
}

bool is_layer(const onnx::NodeProto& node) {
  return in_default_domain(node) && weighted_inputs(node.op_type()).has_value();
}

NodeList layers_among(const SelectorInput& input) {
  NodeList layers = filtered(input.candidates, is_layer);
  return layers.empty() ? input.candidates : layers;
}

std::vector<std::string> node_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const onnx::NodeProto& node : graph.proto().node()) names.push_back(node.name());
  return names;
}

std::vector<std::string> operator_types(const Graph& graph) {
  std::set<std::string> types;
  for (const onnx::NodeProto& node : graph.proto().node()) types.insert(node.op_type());
  return {types.begin(), types.end()};
}

std::vector<std::string> tensor_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const auto& input : graph.proto().input()) names.push_back(input.name());
  for (const onnx::NodeProto& node : graph.proto().node()) {
    for (const std::string& output : node.output()) {
      if (!output.empty()) names.push_back(output);
    }
  }
  return names;
}

}  // namespace octavo
