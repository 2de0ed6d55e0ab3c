#include <cmath>
#include <nlohmann/json.hpp>

#include "core/scheme_words.h"
#include "octavo/comparison.h"
#include "plan/indented_json.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

// JSON has neither infinity nor NaN.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json json_of(const TensorError& error) {
  return {{"sqnr_db", number(error.sqnr_db)},
          {"channel_sqnr_db", number(error.channel_sqnr_db)},
          {"cosine", number(error.cosine)},
          {"relative_error", number(error.relative_error)}};
}

Json json_of(const Range& range) { return {range.min, range.max}; }

Json json_of(const ResultQuantizer& quantizer) {
  return {{"type", traits(quantizer.dtype).name},
          {"scale", quantizer.scale},
          {"covered", json_of(quantizer.covered)},
          {"seen", json_of(quantizer.seen)},
          {"deviation", quantizer.deviation},
          {"clipped_share", quantizer.clipped_share},
          {"rounding_sqnr_db", number(quantizer.rounding_sqnr_db)}};
}

Json json_of(const WeightComparison& weight) {
  Json json = {{"type", traits(weight.dtype).name},
               {"granularity", to_string(weight.granularity)},
               {"depthwise", weight.depthwise},
               {"highest_code", weight.highest_code},
               {"widest_channel_over_median", weight.widest_over_median},
               {"clipped_share", weight.clipped_share}};
  if (weight.sqnr_db) json["sqnr_db"] = number(*weight.sqnr_db);
  if (weight.channel_sqnr_db) json["channel_sqnr_db"] = number(*weight.channel_sqnr_db);
  return json;
}

Json json_of(const std::vector<Cause>& causes) {
  Json json = Json::array();
  for (const Cause& cause : causes) {
    json.push_back({{"name", cause.name}, {"sentence", cause.sentence}, {"flag", cause.flag}});
  }
  return json;
}

Json json_of(const LayerComparison& layer) {
  Json json = {{"node", layer.node},
               {"op_type", layer.op_type},
               {"tensor", layer.tensor},
               {"inputs", layer.inputs},
               {"so_far", json_of(layer.so_far)},
               {"own", json_of(layer.own)},
               {"effect_db", number(layer.effect_db)},
               {"channels", layer.channels},
               {"starved_channels", layer.starved_channels},
               {"widest_channel_over_median", layer.channel_spread}};
  if (layer.quantizer) json["quantizer"] = json_of(*layer.quantizer);
  if (layer.weight) json["weight"] = json_of(*layer.weight);
  if (layer.bias) json["bias"] = {{"saturated_share", layer.bias->saturated_share}};
  json["causes"] = json_of(layer.causes);
  return json;
}

}  // namespace

std::string to_json(const ComparisonReport& report) {
  Json json = {{"samples", report.samples},
               {"runtime", report.runtime},
               {"outputs",
                {{"as_written_sqnr_db", number(report.kernels.as_written_sqnr_db)},
                 {"executed_sqnr_db", number(report.kernels.executed_sqnr_db)}}},
               {"unasked_layers", report.unasked_layers},
               {"risks", json_of(report.risks)},
               {"unmatched", report.unmatched},
               {"layers", Json::array()}};
  for (const LayerComparison& layer : report.layers) json["layers"].push_back(json_of(layer));
  return indented(json);
}

}  // namespace octavo
