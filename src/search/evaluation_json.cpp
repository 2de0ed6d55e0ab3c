#include <cmath>
#include <nlohmann/json.hpp>

#include "octavo/evaluation.h"
#include "plan/indented_json.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Metric& metric, const MetricValue& value) {
  // JSON has no infinity: equal outputs have no noise to speak of.
  Json json = {{"value", std::isfinite(value.value) ? Json(value.value) : Json()},
               {"samples", value.samples}};
  if (!metric.unit.empty()) json["unit"] = metric.unit;
  if (value.interval_95) json["interval_95"] = {value.interval_95->lower, value.interval_95->upper};
  return json;
}

Json json_of(const Latency& latency) {
  return {{"median_ms", latency.median},
          {"spread_ms", latency.spread},
          {"minimum_ms", latency.minimum},
          {"processor_ms", latency.processor},
          {"runs", latency.runs}};
}

Json json_of(const ModelEvaluation& model) {
  Json json = {{"model", model.name}, {"file_bytes", model.file_bytes}};
  json["metrics"] = Json::object();
  for (const MeasuredMetric& measured : model.metrics) {
    json["metrics"][measured.metric->name] = json_of(*measured.metric, measured.value);
  }
  if (model.same_accuracy_p) json["same_accuracy_p"] = *model.same_accuracy_p;
  if (model.latency) json["latency"] = json_of(*model.latency);
  if (model.latency_ratio) json["latency_ratio_to_first"] = *model.latency_ratio;
  return json;
}

}  // namespace

std::string to_json(const EvaluationReport& report) {
  Json json = {{"samples", report.samples},
               {"runtime", report.runtime},
               {"latency_threads", report.latency_threads},
               {"models", Json::array()}};
  for (const ModelEvaluation& model : report.models) json["models"].push_back(json_of(model));
  return indented(json);
}

}  // namespace octavo
