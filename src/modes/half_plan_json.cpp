#include <nlohmann/json.hpp>

#include "modes/half_plan.h"
#include "plan/indented_json.h"
#include "plan/plan_json.h"

namespace octavo {

std::string to_json(const HalfPlan& plan) {
  const nlohmann::ordered_json json = {{"mode", to_string(plan.mode)},
                                       {"dtype", traits(plan.dtype).name},
                                       {"nodes", nodes_json(plan.nodes)},
                                       {"tensors", plan.tensors}};
  return indented(json);
}

}  // namespace octavo
