#include "report/search_report.h"

namespace octavo {
namespace {

constexpr int kDigits = 6;

Json step_json(const BudgetStep& step) {
  Json json = {{"evaluations", step.evaluations},
               {"what", step.what},
               {"float_layers", step.float_layers},
               {"value", json_number(step.value, kDigits)},
               {"lost", json_number(step.lost, kDigits)},
               {"within", step.within},
               {"kept", step.kept},
               {"why", step.why}};
  if (step.samples) json["samples"] = *step.samples;
  if (step.latency) {
    json["latency_ms"] = json_number(step.latency->milliseconds);
    json["ratio_to_float"] = json_number(step.latency->ratio_to_float);
  }
  return json;
}

}  // namespace

Json search_json(const BudgetOutcome& budget) {
  const auto metric = open_metric(budget.metric);
  Json json = {{"metric", budget.metric},
               {"unit", metric->unit},
               {"better", metric->better == BetterValue::kHigher ? "higher" : "lower"},
               {"samples", budget.search.samples},
               {"float", json_number(budget.search.float_value, kDigits)},
               {"limit", json_number(budget.search.limit, kDigits)},
               {"expected_loss", budget.search.expected_loss.has_value()},
               {"evaluations", budget.evaluations},
               {"most_evaluations", budget.most_evaluations},
               {"steps", Json::array()}};
  if (budget.ratio_to_integers) {
    json["ratio_to_integers"] = json_number(*budget.ratio_to_integers);
  }
  for (const BudgetStep& step : budget.steps) json["steps"].push_back(step_json(step));
  return json;
}

}  // namespace octavo
