#include "plan/group_schemes.h"

#include <algorithm>
#include <utility>

namespace octavo {
namespace {

using Opinion = std::pair<std::size_t, SchemeOverrides>;  // of the rule with this position

class Opinions {
 public:
  Opinions(const Graph& graph, const Placement& placement, const SettingsByNode& settings)
      : graph_(graph), settings_(settings) {
    for (const NodePlacement& node : placement.nodes) decisions_.emplace(node.node, node.decision);
  }

  void collect(std::string_view tensor, std::vector<Opinion>& opinions) const {
    for (const Use& use : graph_.uses(tensor)) add(*use.node, opinions);
    const onnx::NodeProto* maker = graph_.producer(tensor);
    while (maker != nullptr && decisions_.at(maker->name()) == Decision::kAbsorbed) {
      maker = graph_.producer(maker->input(0));
    }
    if (maker != nullptr) add(*maker, opinions);
  }

 private:
  void add(const onnx::NodeProto& node, std::vector<Opinion>& opinions) const {
    const auto found = settings_.find(node.name());
    if (found == settings_.end() || decisions_.at(node.name()) != Decision::kQuantized) return;
    if (is_empty(found->second.activation)) return;
    opinions.emplace_back(found->second.activation_rule, found->second.activation);
  }

  const Graph& graph_;
  const SettingsByNode& settings_;
  std::map<std::string, Decision, std::less<>> decisions_;
};

}  // namespace

std::vector<SchemeOverrides> group_overrides(const Graph& graph, const Placement& placement,
                                             const SettingsByNode& settings) {
  const Opinions all(graph, placement, settings);
  std::vector<std::vector<Opinion>> opinions(placement.groups.size());
  for (const QuantizedActivation& activation : placement.activations) {
    all.collect(activation.tensor, opinions[activation.group]);
  }
  std::vector<SchemeOverrides> overrides;
  for (std::vector<Opinion>& group : opinions) {
    std::stable_sort(group.begin(), group.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    SchemeOverrides result;
    for (const auto& [rule, opinion] : group) result = layered(opinion, result);
    overrides.push_back(std::move(result));
  }
  return overrides;
}

}  // namespace octavo
