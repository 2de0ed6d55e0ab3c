#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "octavo/sweep.h"
#include "plan/indented_json.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json json_of(const SweepRow& row, const SweepReport& report) {
  Json json = Json::object();
  for (std::size_t i = 0; i < row.values.size(); ++i) json[report.axes[i]] = row.values[i];
  if (!row.unsupported.empty()) {
    json["unsupported"] = row.unsupported;
    return json;
  }
  const ModelEvaluation& evaluation = row.evaluation;
  for (const MeasuredMetric& measured : evaluation.metrics) {
    Json metric = {{"value", number(measured.value.value)}};
    if (const auto& interval = measured.value.interval_95) {
      metric["interval_95"] = {interval->lower, interval->upper};
    }
    json["metrics"][measured.metric->name] = std::move(metric);
  }
  json["file_bytes"] = evaluation.file_bytes;
  if (evaluation.latency) json["latency_ms"] = evaluation.latency->median;
  if (evaluation.latency_ratio) json["latency_ratio"] = *evaluation.latency_ratio;
  if (evaluation.same_accuracy_p) json["same_accuracy_p"] = *evaluation.same_accuracy_p;
  json["on_front"] = row.on_front;
  if (!row.file.empty()) json["file"] = row.file;
  return json;
}

// Quoted where it must be, RFC 4180.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_row(const SweepRow& row, const SweepReport& report,
                    const std::vector<std::string>& metrics) {
  std::string line;
  for (std::size_t i = 0; i < report.axes.size(); ++i) {
    line += csv_cell(row.values.empty() ? "float" : row.values[i]) + ",";
  }
  for (const std::string& name : metrics) {
    const auto value = row.evaluation.metric(name);
    line += value ? fmt::format("{}", *value) : "";
    line += ",";
  }
  const ModelEvaluation& evaluation = row.evaluation;
  line += row.unsupported.empty() ? fmt::to_string(evaluation.file_bytes) : "";
  line += "," + (evaluation.latency ? fmt::format("{}", evaluation.latency->median) : "");
  line += "," + (evaluation.latency_ratio ? fmt::format("{}", *evaluation.latency_ratio) : "");
  return line + fmt::format(",{},{}\n", row.on_front ? "yes" : "no", csv_cell(row.unsupported));
}

std::vector<std::string> metric_names(const SweepReport& report) {
  for (const SweepRow& row : report.rows) {
    std::vector<std::string> names;
    for (const MeasuredMetric& measured : row.evaluation.metrics) {
      names.emplace_back(measured.metric->name);
    }
    if (!names.empty()) return names;
  }
  return {};
}

}  // namespace

std::string to_json(const SweepReport& report) {
  Json json = {{"samples", report.samples},
               {"runtime", report.runtime},
               {"metric", report.metric},
               {"float", json_of(report.float_row, report)},
               {"rows", Json::array()}};
  for (const SweepRow& row : report.rows) json["rows"].push_back(json_of(row, report));
  return indented(json);
}

std::string to_csv(const SweepReport& report) {
  const std::vector<std::string> metrics = metric_names(report);
  std::string text;
  for (const std::string& axis : report.axes) text += axis + ",";
  for (const std::string& name : metrics) text += name + ",";
  text += "file_bytes,latency_ms,latency_ratio,on_front,unsupported\n";
  text += csv_row(report.float_row, report, metrics);
  for (const SweepRow& row : report.rows) text += csv_row(row, report, metrics);
  return text;
}

}  // namespace octavo
