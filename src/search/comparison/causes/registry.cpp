#include <array>
#include <utility>

#include "search/comparison/causes/cause.h"

namespace octavo {

std::span<const CauseRule* const> cause_rules() {
#define OCTAVO_CAUSE(identifier) &identifier##_cause(),
  static const std::array kAll = {
#include "search/comparison/causes/cause_list.inc"
  };
#undef OCTAVO_CAUSE
  return kAll;
}

void name_causes(ComparisonReport& report) {
  for (const CauseRule* rule : cause_rules()) {
    for (LayerComparison& layer : report.layers) {
      const bool healthy = layer.effect_db >= kHealthyDecibels;
      if (rule->of_layer == nullptr || healthy) continue;
      if (auto cause = rule->of_layer(layer)) layer.causes.push_back(std::move(*cause));
    }
    if (rule->of_file == nullptr) continue;
    if (auto cause = rule->of_file(report)) report.risks.push_back(std::move(*cause));
  }
}

std::vector<CauseInfo> known_causes() {
  std::vector<CauseInfo> causes;
  for (const CauseRule* rule : cause_rules()) causes.push_back({rule->name, rule->help});
  return causes;
}

}  // namespace octavo
