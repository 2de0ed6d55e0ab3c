#include "pipeline/sweep/sweep_cache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "octavo/error.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

// Files of an older format are not found again.
constexpr int kCacheFormat = 3;

// An exact answer has an infinite signal to noise, which JSON has no number for.
Json number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : (value > 0 ? "inf" : "-inf");
}

double number(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto word = json.get<std::string>();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  return word == "inf" ? infinity : -infinity;
}

Json json_of(const MeasuredMetric& measured) {
  Json json = {{"name", measured.metric->name},
               {"value", number(measured.value.value)},
               {"samples", measured.value.samples}};
  if (const auto& interval = measured.value.interval_95) {
    json["interval_95"] = {interval->lower, interval->upper};
  }
  return json;
}

MeasuredMetric metric_of(const Json& json) {
  MeasuredMetric measured;
  measured.metric = open_metric(json.at("name").get<std::string>());
  measured.value.value = number(json.at("value"));
  measured.value.samples = json.at("samples").get<std::size_t>();
  if (json.contains("interval_95")) {
    const Json& ends = json.at("interval_95");
    measured.value.interval_95 = Interval{ends.at(0).get<double>(), ends.at(1).get<double>()};
  }
  return measured;
}

Json json_of(const CachedOutcome& outcome) {
  if (!outcome.unsupported.empty()) return {{"unsupported", outcome.unsupported}};
  const ModelEvaluation& evaluation = outcome.evaluation;
  Json json = {{"file_bytes", evaluation.file_bytes}, {"metrics", Json::array()}};
  for (const MeasuredMetric& measured : evaluation.metrics) {
    json["metrics"].push_back(json_of(measured));
  }
  if (evaluation.same_accuracy_p) json["same_accuracy_p"] = *evaluation.same_accuracy_p;
  if (evaluation.latency) {
    const Latency& latency = *evaluation.latency;
    json["latency_ms"] = {latency.runs, latency.median, latency.spread, latency.minimum,
                          latency.processor};
    json["latency_ratio"] = evaluation.latency_ratio.value_or(1);
  }
  return json;
}

CachedOutcome outcome_of(const Json& json) {
  if (json.contains("unsupported")) return {json.at("unsupported").get<std::string>(), {}};
  CachedOutcome outcome;
  ModelEvaluation& evaluation = outcome.evaluation;
  evaluation.file_bytes = json.at("file_bytes").get<std::uintmax_t>();
  for (const Json& metric : json.at("metrics")) evaluation.metrics.push_back(metric_of(metric));
  if (json.contains("same_accuracy_p")) evaluation.same_accuracy_p = json.at("same_accuracy_p");
  if (json.contains("latency_ms")) {
    const Json& latency = json.at("latency_ms");
    evaluation.latency = Latency{latency.at(0).get<std::size_t>(), latency.at(1).get<double>(),
                                 latency.at(2).get<double>(), latency.at(3).get<double>(),
                                 latency.at(4).get<double>()};
    evaluation.latency_ratio = json.at("latency_ratio").get<double>();
  }
  return outcome;
}

std::optional<std::string> content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// A program may change under the same name.
std::string text_of_metric(const std::string& name) {
  const auto colon = name.find(':');
  const auto content = colon == name.npos ? std::nullopt : content_of(name.substr(colon + 1));
  return content ? fmt::format("{} {:016x}", name, hash_of(*content)) : name;
}

template <typename T>
std::string text_of(const std::optional<T>& choice) {
  return choice ? fmt::to_string(static_cast<int>(*choice)) : "-";
}

}  // namespace

SweepCache::SweepCache(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  if (failure) {
    throw Error(ErrorCode::kIo, fmt::format("{}: {}", folder_.string(), failure.message()));
  }
}

std::optional<CachedOutcome> SweepCache::find(std::uint64_t key) const {
  const auto text = content_of(folder_ / fmt::format("{:016x}.json", key));
  if (!text) return std::nullopt;
  try {
    return outcome_of(Json::parse(*text));
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const Error&) {  // a metric that is no more
    return std::nullopt;
  }
}

void SweepCache::keep(std::uint64_t key, const CachedOutcome& outcome) const {
  write_file_atomically(folder_ / fmt::format("{:016x}.json", key),
                        json_of(outcome).dump(1) + "\n");
}

std::optional<Statistics> SweepCache::find_statistics(std::uint64_t key,
                                                      std::span<const std::string> tensors) const {
  const auto path = folder_ / fmt::format("{:016x}.statistics", key);
  if (!std::filesystem::exists(path)) return std::nullopt;
  try {
    Statistics statistics = read_statistics(path);
    for (const std::string& tensor : tensors) {
      if (!statistics.contains(tensor)) return std::nullopt;
    }
    return statistics;
  } catch (const Error&) {  // damaged: made anew
    return std::nullopt;
  }
}

void SweepCache::keep_statistics(std::uint64_t key, const Statistics& statistics) const {
  write_statistics(statistics, folder_ / fmt::format("{:016x}.statistics", key));
}

namespace {

// Nothing where there are none, so that what was kept before there were rules is found again.
std::string text_of(const std::vector<Rule>& rules, std::optional<double> least_layer_sqnr_db) {
  std::string text;
  for (const Rule& rule : rules) text += fmt::format("; rule {}", rule.text);
  if (least_layer_sqnr_db) text += fmt::format("; min-layer-sqnr {}", *least_layer_sqnr_db);
  return text;
}

}  // namespace

std::string setting_text(const SweepSetting& setting) {
  std::string metrics;
  for (const std::string& name : setting.metrics) metrics += text_of_metric(name) + ",";
  return fmt::format(
      "format {}; octavo {}; model {:016x}; calibration {:016x}; evaluation {:016x}; runtime {}; "
      "metrics {}; latency {} {}",
      kCacheFormat, setting.octavo, setting.model, setting.calibration, setting.evaluation,
      setting.runtime, metrics, setting.latency_threads, setting.timed);
}

std::uint64_t statistics_key(const SweepSetting& setting, std::uint64_t prepared) {
  return hash_of(
      fmt::format("octavo {}; {:016x} {:016x}", setting.octavo, prepared, setting.calibration));
}

std::string recipe_text(const QuantizeOptions& options) {
  const Recipe& recipe = options.recipe;
  const auto profile = content_of(options.target);
  return fmt::format(
             "target {} {}; activations {} {} {}; weights {} {} {} {}; exclude {} {}; passes {}; "
             "coverage {}",
             options.target, profile.value_or(""), to_string(recipe.activation_calibrator),
             text_of(recipe.activation_symmetry), text_of(recipe.activation_dtype),
             to_string(recipe.weight_calibrator), text_of(recipe.weight_symmetry),
             text_of(recipe.weight_dtype), text_of(recipe.weight_granularity),
             fmt::join(recipe.exclude_nodes, ","), fmt::join(recipe.exclude_op_types, ","),
             fmt::join(options.disabled_passes, ","), static_cast<int>(options.coverage)) +
         text_of(recipe.rules, recipe.least_layer_sqnr_db);
}

std::uint64_t hash_of(const std::string& text) { return XXH64(text.data(), text.size(), 0); }

}  // namespace octavo
