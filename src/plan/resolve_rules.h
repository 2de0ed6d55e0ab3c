// Rules against a graph: what they say of each node.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/graph.h"
#include "octavo/recipe.h"

namespace octavo {

struct NodeSettings {
  std::string exclusion;  // why the node stays float; empty: it need not
  std::string rules;      // the texts of those that say something of it, the last one last
  SchemeOverrides activation;
  SchemeOverrides weight;
  // Of the last rule that says something of its activations; a tensor between two nodes goes by the
  // later one.
  std::size_t activation_rule = 0;
};

// By node; a node that no rule selects is not there.
using SettingsByNode = std::map<std::string, NodeSettings, std::less<>>;

// Recipe::exclude_nodes, exclude_op_types and rules, in this order. Throws Error(kInvalidArgument),
// naming the rule and names that are near, for one that selects nothing: a rule that silently does
// nothing helps nobody.
SettingsByNode resolve_rules(const Graph& graph, const Recipe& recipe);

// What `over` says, and what `under` says of the rest.
SchemeOverrides layered(const SchemeOverrides& over, const SchemeOverrides& under);
bool is_empty(const SchemeOverrides& overrides);

// Up to three of `known` that differ from `word` in few letters or hold it, the nearest first.
std::vector<std::string> near_names(const std::string& word, const std::vector<std::string>& known);

}  // namespace octavo
