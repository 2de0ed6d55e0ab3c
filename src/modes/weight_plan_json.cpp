#include <nlohmann/json.hpp>

#include "modes/weight_plan.h"
#include "plan/indented_json.h"
#include "plan/plan_json.h"

namespace octavo {

std::string to_json(const WeightPlan& plan) {
  nlohmann::ordered_json json = {{"mode", to_string(plan.mode)},
                                 {"calibrator", to_string(plan.calibrator)},
                                 {"nodes", nodes_json(plan.nodes)},
                                 {"weights", nlohmann::ordered_json::array()}};
  for (const PlannedWeight& weight : plan.weights) {
    nlohmann::ordered_json entry = {
        {"tensor", weight.tensor}, {"node", weight.node}, {"form", to_string(weight.form)}};
    entry.update(params_json(weight.params));
    json["weights"].push_back(std::move(entry));
  }
  return indented(json);
}

}  // namespace octavo
