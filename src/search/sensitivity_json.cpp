#include <cmath>
#include <nlohmann/json.hpp>

#include "core/scheme_words.h"
#include "octavo/analysis.h"
#include "plan/indented_json.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no infinity: a quantizer that loses nothing has no noise to speak of.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json json_of(const QuantizerError& error) {
  return {{"seen", {error.seen.min, error.seen.max}},
          {"covered", {error.covered.min, error.covered.max}},
          {"scale", error.scale},
          {"sqnr_db", number(error.sqnr_db)},
          {"clipped_share", error.clipped_share}};
}

Json json_of(const LayerSensitivity& layer) {
  Json json = {{"node", layer.node},
               {"op_type", layer.op_type},
               {"output_sqnr_db", number(layer.output_sqnr_db)}};
  if (layer.metric) json["metric"] = number(*layer.metric);
  json["weights"] = layer.weights;
  if (layer.weight) {
    json["weight"] = json_of(*layer.weight);
    json["weight"]["granularity"] =
        to_string(layer.weight_granularity.value_or(Granularity::kPerTensor));
    json["weight"]["widest_channel_over_median"] = layer.weight->unevenness;
  }
  if (layer.activation) {
    json["activation"] = json_of(*layer.activation);
    json["activation"]["range_over_deviation"] = layer.activation->unevenness;
  }
  json["hint"] = layer.hint;
  return json;
}

}  // namespace

std::string to_json(const SensitivityReport& report) {
  Json json = {{"samples", report.samples}, {"runtime", report.runtime}};
  if (!report.metric.empty()) json["metric"] = report.metric;
  if (report.float_metric) json["float_metric"] = number(*report.float_metric);
  json["layers"] = Json::array();
  for (const LayerSensitivity& layer : report.layers) json["layers"].push_back(json_of(layer));
  return indented(json);
}

}  // namespace octavo
