#include "cli/node_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/terminal.h"
#include "plan/indented_json.h"

namespace octavo::cli {
namespace {

std::string node_table(std::span<const NodeOutcome> nodes, bool (*shown)(const NodeOutcome&)) {
  const bool ruled = std::any_of(nodes.begin(), nodes.end(),
                                 [](const NodeOutcome& node) { return !node.rules.empty(); });
  std::vector<std::vector<std::string>> rows = {{"node", "type", "decision", "why"}};
  for (const NodeOutcome& node : nodes) {
    if (shown(node)) rows.push_back({node.name, node.op_type, node.decision, node.reason});
    if (ruled && shown(node)) rows.back().push_back(node.rules);
  }
  if (rows.size() == 1) return {};
  if (ruled) rows.front().emplace_back("rules");
  return table(rows, std::vector<Align>(rows.front().size(), Align::kLeft));
}

}  // namespace

std::string summary_table(std::span<const NodeOutcome> nodes) {
  std::map<std::string, std::map<std::string, int>> counts;
  std::map<std::string, int> totals;
  for (const NodeOutcome& node : nodes) {
    ++counts[node.op_type][node.decision];
    ++totals[node.decision];
  }
  std::vector<std::vector<std::string>> rows = {{"operator", "quantized", "absorbed", "float"}};
  const auto add_row = [&](const std::string& name, std::map<std::string, int>& row) {
    rows.push_back({name, std::to_string(row["quantized"]), std::to_string(row["absorbed"]),
                    std::to_string(row["float"])});
  };
  for (auto& [op_type, row] : counts) add_row(op_type, row);
  add_row("all", totals);
  return table(rows, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight});
}

std::string float_table(std::span<const NodeOutcome> nodes) {
  return node_table(nodes, [](const NodeOutcome& node) {
    return node.decision == "float" || !node.rules.empty();
  });
}

std::string full_table(std::span<const NodeOutcome> nodes) {
  return node_table(nodes, [](const NodeOutcome&) { return true; });
}

std::string to_json(std::span<const NodeOutcome> nodes) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const NodeOutcome& node : nodes) {
    json.push_back({{"name", node.name},
                    {"op_type", node.op_type},
                    {"decision", node.decision},
                    {"reason", node.reason}});
    if (!node.rules.empty()) json.back()["rules"] = node.rules;
  }
  return indented(json);
}

}  // namespace octavo::cli
