#include "report/result_report.h"

#include <map>

namespace octavo {
namespace {

Json latency_json(const MeasuredLatency& latency) {
  return {{"ms", json_number(latency.milliseconds, 6)},
          {"ratio_to_float", json_number(latency.ratio_to_float, 4)}};
}

Json coverage_json(const MeasuredCoverage& coverage) {
  Json json = {{"name", coverage.name},
               {"quantized_nodes", coverage.quantized_nodes},
               {"latency_ms", json_number(coverage.latency_ms)},
               {"ratio_to_float", json_number(coverage.ratio_to_float)},
               {"chosen", coverage.chosen}};
  for (const auto& [runtime, latency] : coverage.elsewhere) {
    json["elsewhere"][runtime] = latency_json(latency);
  }
  return json;
}

Json half_json(const HalfOutcome& half) {
  Json json = {{"samples", half.samples},
               {"float", json_number(half.float_value, 6)},
               {"first", json_number(half.first_value, 6)},
               {"value", json_number(half.value, 6)},
               {"limit", json_number(half.limit, 6)},
               {"within", half.is_within()}};
  if (half.expected_loss) json["expected_loss"] = json_number(*half.expected_loss, 6);
  return json;
}

Json budget_json(const BudgetOutcome& budget) {
  const auto metric = open_metric(budget.metric);
  return {{"metric", budget.metric},
          {"unit", metric->unit},
          {"better", metric->better == BetterValue::kHigher ? "higher" : "lower"},
          {"max_drop", json_number(budget.max_drop, 6)},
          {"met", budget.met},
          {"search", half_json(budget.search)},
          {"hold_out", half_json(budget.hold_out)},
          {"evaluations", budget.evaluations},
          {"most_evaluations", budget.most_evaluations},
          {"scheme_changes", budget.scheme_changes},
          {"layers", budget.layers},
          {"kept_float", budget.kept_float}};
}

Json budget_json(const LatencyOutcome& outcome) {
  return {{"most", json_number(outcome.budget.most, 6)},
          {"unit", outcome.budget.unit == LatencyUnit::kOfFloat ? "of float" : "ms"},
          {"met", outcome.met},
          {"first", latency_json(outcome.first)},
          {"result", latency_json(outcome.result)},
          {"measurements", outcome.measurements},
          {"layers", outcome.layers},
          {"kept_float", outcome.kept_float}};
}

Json notes_json(const std::vector<RepairNote>& notes) {
  Json list = Json::array();
  for (const RepairNote& note : notes) list.push_back({{"node", note.node}, {"text", note.text}});
  return list;
}

Json repair_json(const RepairOutcome& outcome) {
  return {{"name", outcome.name},
          {"samples", outcome.samples},
          {"held_out", outcome.held_out},
          {"before_db", json_number(outcome.before_db)},
          {"after_db", json_number(outcome.after_db)},
          {"kept", outcome.kept},
          {"added_operators", outcome.added_operators},
          {"changes", notes_json(outcome.changes)},
          {"refusals", notes_json(outcome.refusals)}};
}

}  // namespace

Json result_json(const QuantizeResult& result, const QuantizeOptions& options,
                 const FileSizes& sizes) {
  std::map<std::string, std::size_t> decisions;
  for (const NodeOutcome& node : result.nodes) ++decisions[node.decision];
  Json json = {{"target", options.target},
               {"samples", result.samples},
               {"float_bytes", sizes.float_bytes},
               {"quantized_bytes", sizes.quantized_bytes},
               {"decisions", decisions},
               {"activation_calibrator", to_string(options.recipe.activation_calibrator)},
               {"weight_calibrator", to_string(options.recipe.weight_calibrator)},
               {"warnings", result.warnings},
               {"coverages", Json::array()},
               {"repairs", Json::array()}};
  for (const RepairOutcome& outcome : result.repairs) {
    json["repairs"].push_back(repair_json(outcome));
  }
  for (const MeasuredCoverage& coverage : result.coverages) {
    json["coverages"].push_back(coverage_json(coverage));
  }
  if (!result.pixels.empty()) json["pixels"] = result.pixels;
  if (result.budget) json["budget"] = budget_json(*result.budget);
  if (result.latency_budget) json["latency_budget"] = budget_json(*result.latency_budget);
  return json;
}

}  // namespace octavo
