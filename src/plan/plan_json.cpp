#include "plan/plan_json.h"

#include "plan/indented_json.h"
#include "plan/plan.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

// Blocks of a large matrix have millions of scales: too many to read, and for a tool to parse.
constexpr std::size_t kMostListed = 65536;

Json node_json(const NodePlacement& node) {
  Json json = {{"name", node.node},
               {"op_type", node.op_type},
               {"decision", to_string(node.decision)},
               {"reason", node.reason}};
  if (!node.rules.empty()) json["rules"] = node.rules;
  return json;
}

Json activation_json(const PlannedActivation& activation) {
  Json json = {{"tensor", activation.tensor},
               {"range", {activation.range.min, activation.range.max}},
               {"calibrator", to_string(activation.calibrator)}};
  json.update(params_json(activation.params));
  return json;
}

template <typename Stored>
Json stored_json(const Stored& stored) {
  Json json = {{"tensor", stored.tensor}, {"node", stored.node}};
  json.update(params_json(stored.params));
  return json;
}

Json bias_json(const PlannedBias& bias) {
  Json json = stored_json(bias);
  if (bias.widened_by != 1) json["weight_scale_widened_by"] = bias.widened_by;
  return json;
}

Json guard_json(const FloatGuard& guard) {
  return {{"tensor", guard.tensor}, {"node", guard.node}, {"axis", guard.params.axis.value_or(0)}};
}

template <typename Items, typename Convert>
Json list_json(const Items& items, Convert convert) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(convert(item));
  return list;
}

}  // namespace

Json params_json(const QuantParams& params) {
  Json json = {{"dtype", traits(params.scheme.dtype).name}};
  if (params.scale.size() > kMostListed) {
    json["scales"] = params.scale.size();  // the model's file has them
  } else {
    json["scale"] = params.scale;
    json["zero_point"] = params.zero_point;
  }
  if (params.axis) json["axis"] = *params.axis;
  if (params.block_size > 0) json["block_size"] = params.block_size;
  return json;
}

Json nodes_json(const std::vector<NodePlacement>& nodes) { return list_json(nodes, node_json); }

std::string to_json(const Plan& plan) {
  const Json json = {{"opset", plan.opset},
                     {"nodes", nodes_json(plan.nodes)},
                     {"activations", list_json(plan.activations, activation_json)},
                     {"constants", list_json(plan.constants, stored_json<PlannedConstant>)},
                     {"biases", list_json(plan.biases, bias_json)},
                     {"guards", list_json(plan.guards, guard_json)}};
  return indented(json);
}

}  // namespace octavo
