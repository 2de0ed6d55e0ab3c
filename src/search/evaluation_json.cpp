#include <cmath>
#include <nlohmann/json.hpp>

#include "octavo/evaluation.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Proportion& share) {
  return {{"value", share.value()},
          {"hits", share.hits},
          {"trials", share.trials},
          {"interval_95", {share.lower, share.upper}}};
}

Json json_of(const Latency& latency) {
  return {{"median_ms", latency.median},
          {"spread_ms", latency.spread},
          {"minimum_ms", latency.minimum},
          {"runs", latency.runs}};
}

Json json_of(const ModelEvaluation& model) {
  Json json = {{"model", model.name}, {"file_bytes", model.file_bytes}};
  if (model.top1) json["top1"] = json_of(*model.top1);
  if (model.agreement) json["agreement_with_first"] = json_of(*model.agreement);
  // JSON has no infinity: equal outputs have no noise to speak of.
  if (model.sqnr_db)
    json["sqnr_db"] = std::isfinite(*model.sqnr_db) ? Json(*model.sqnr_db) : Json();
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
  return json.dump(2);
}

}  // namespace octavo
