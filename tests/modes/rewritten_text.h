// A graph's text rewritten in a mode: every line of the result, constants without their values.
#pragma once

#include <sstream>
#include <string>

#include "model/graph.h"
#include "model/print.h"
#include "modes/half_plan.h"
#include "modes/select_weights.h"
#include "modes/write_weights.h"
#include "octavo/recipe.h"
#include "placement/profile.h"
#include "support/graph_text.h"

namespace octavo::testing {

inline std::string text_without_values(const Model& model) {
  std::istringstream lines(print_graph(model));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("const")) line.resize(line.find(" ="));
    text += line + "\n";
  }
  return text;
}

inline Model with_coded_weights(const Model& model, const Recipe& recipe,
                                std::string_view target = "onnxruntime-x86") {
  const Graph graph(model.proto().graph());
  const Profile profile = load_profile(target);
  return write_weights(model, plan_weights(graph, select_weights(graph, profile, recipe), recipe));
}

inline std::string reason_of(const std::vector<NodePlacement>& nodes, std::string_view name) {
  for (const NodePlacement& node : nodes) {
    if (node.node == name) return std::string(to_string(node.decision)) + ": " + node.reason;
  }
  return "no such node";
}

}  // namespace octavo::testing
