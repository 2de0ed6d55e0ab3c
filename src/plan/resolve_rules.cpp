#include "plan/resolve_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "octavo/error.h"
#include "plan/selector.h"

namespace octavo {
namespace {

// A pattern of --exclude: an exact name, which need not be escaped, or a regular expression.
Rule exclusion_of(const std::string& pattern, const Graph& graph) {
  const std::string word = graph.node(pattern) != nullptr ? "name" : "regex";
  return {pattern, {{word, {pattern}}}, RuleAction::kExclude};
}

std::vector<Rule> all_rules(const Graph& graph, const Recipe& recipe) {
  std::vector<Rule> rules;
  for (const std::string& pattern : recipe.exclude_nodes) {
    rules.push_back(exclusion_of(pattern, graph));
  }
  for (const std::string& type : recipe.exclude_op_types) {
    rules.push_back({type, {{"op", {type}}}, RuleAction::kExclude});
  }
  rules.insert(rules.end(), recipe.rules.begin(), recipe.rules.end());
  return rules;
}

std::string near_text(const std::string& word, const std::vector<std::string>& known) {
  const std::vector<std::string> near = near_names(word, known);
  if (near.empty()) return "`octavo inspect --all` lists the nodes";
  return fmt::format("near: {}", fmt::join(near, ", "));
}

[[noreturn]] void fail(const Rule& rule, std::string_view what) {
  throw Error(ErrorCode::kInvalidArgument, fmt::format("rule '{}': {}", rule.text, what));
}

void check_arguments(const Rule& rule, const NodeSelector& wanted, const Selector& selector,
                     const Graph& graph) {
  if (selector.vocabulary == nullptr) return;
  const std::vector<std::string> known = selector.vocabulary(graph);
  for (const std::string& argument : wanted.arguments) {
    if (std::find(known.begin(), known.end(), argument) != known.end()) continue;
    fail(rule, fmt::format("there is no {} '{}'; {}", selector.noun, argument,
                           near_text(argument, known)));
  }
}

NodeList apply(const Rule& rule, const NodeSelector& wanted, const Graph& graph,
               const NodeList& candidates) {
  const Selector& selector = find_selector(wanted.word);
  const bool required = rule.match == RuleMatch::kRequired;
  if (required) check_arguments(rule, wanted, selector, graph);
  NodeList left;
  try {
    left = selector.select({graph, candidates, wanted.arguments});
  } catch (const Error& error) {
    fail(rule, error.what());
  }
  if (!left.empty() || !required) return left;
  const std::string text = wanted.arguments.empty() ? std::string() : wanted.arguments.front();
  fail(rule, fmt::format(
                 "no node has the {} '{}'{}; {}", selector.word == "regex" ? "name" : selector.word,
                 fmt::join(wanted.arguments, selector.separator),
                 rule.selectors.size() > 1 ? ", of those that its other selectors leave" : "",
                 near_text(text, node_names(graph))));
}

NodeList selected(const Rule& rule, const Graph& graph) {
  NodeList nodes;
  for (const onnx::NodeProto& node : graph.proto().node()) nodes.push_back(&node);
  for (const SelectorOrder order : {SelectorOrder::kAny, SelectorOrder::kLast}) {
    for (const NodeSelector& wanted : rule.selectors) {
      if (find_selector(wanted.word).order != order) continue;
      nodes = apply(rule, wanted, graph, nodes);
    }
  }
  return nodes;
}

void put(const Rule& rule, std::size_t index, NodeSettings& settings) {
  settings.rules += (settings.rules.empty() ? "" : "; ") + rule.text;
  if (rule.action == RuleAction::kInclude) settings.exclusion.clear();
  if (rule.action == RuleAction::kExclude) {
    settings.exclusion = fmt::format("excluded by '{}'", rule.text);
  }
  settings.weight = layered(rule.weight, settings.weight);
  if (is_empty(rule.activation)) return;
  settings.activation = layered(rule.activation, settings.activation);
  settings.activation_rule = index;
}

template <typename T>
std::optional<T> first_of(const std::optional<T>& over, const std::optional<T>& under) {
  return over ? over : under;
}

}  // namespace

SchemeOverrides layered(const SchemeOverrides& over, const SchemeOverrides& under) {
  return {first_of(over.dtype, under.dtype), first_of(over.bits, under.bits),
          first_of(over.symmetry, under.symmetry), first_of(over.granularity, under.granularity),
          first_of(over.calibrator, under.calibrator)};
}

bool is_empty(const SchemeOverrides& overrides) {
  return !overrides.dtype && !overrides.bits && !overrides.symmetry && !overrides.granularity &&
         !overrides.calibrator;
}

SettingsByNode resolve_rules(const Graph& graph, const Recipe& recipe) {
  SettingsByNode settings;
  const std::vector<Rule> rules = all_rules(graph, recipe);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (const onnx::NodeProto* node : selected(rules[i], graph)) {
      put(rules[i], i, settings[node->name()]);
    }
  }
  return settings;
}

}  // namespace octavo
