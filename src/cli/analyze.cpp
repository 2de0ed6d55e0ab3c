#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "cli/recipe_flags.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "octavo/analysis.h"
#include "octavo/metrics.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string calibration;
  std::string statistics;
  std::size_t samples = 16;
  std::string metric;
  bool json = false;
  RecipeFlags flags;
};

std::string decibels(double value) {
  return std::isfinite(value) ? fmt::format("{:.1f} dB", value) : "exact";
}

std::string decibels(const std::optional<QuantizerError>& error) {
  return error ? decibels(error->sqnr_db) : "-";
}

std::vector<std::string> row(const LayerSensitivity& layer, const Metric* metric) {
  std::vector<std::string> cells = {shortened(layer.node), layer.op_type,
                                    decibels(layer.output_sqnr_db)};
  if (metric != nullptr && layer.metric) cells.push_back(metric_text(*metric, *layer.metric));
  cells.insert(cells.end(), {decibels(layer.weight), decibels(layer.activation),
                             std::to_string(layer.weights), layer.hint});
  return cells;
}

void print_report(const SensitivityReport& report) {
  std::vector<std::string> heading = {"node", "type", "outputs"};
  std::vector<Align> columns = {Align::kLeft, Align::kLeft, Align::kRight};
  std::shared_ptr<const Metric> metric;  // null: none was asked for
  if (!report.metric.empty()) {
    metric = open_metric(report.metric);
    heading.push_back(report.metric);
    columns.push_back(Align::kRight);
  }
  heading.insert(heading.end(), {"weight", "activation", "weights", "hint"});
  columns.insert(columns.end(), {Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
  std::vector<std::vector<std::string>> rows = {heading};
  for (const LayerSensitivity& layer : report.layers) rows.push_back(row(layer, metric.get()));
  fmt::print(
      "Signal to noise of the network's outputs with one layer alone as integers, and of "
      "that layer's\nweight and activation; {} sample(s) in {}, the most sensitive first",
      report.samples, report.runtime);
  if (report.float_metric) {
    fmt::print("; {} in float: {}", report.metric, metric_text(*metric, *report.float_metric));
  }
  fmt::print("\n\n{}", table(rows, columns));
}

SensitivityReport analyze(const Options& options, const Model& model) {
  const auto dataset = open_dataset(options.calibration, model.inputs());
  Progress calibrating("calibrating");
  Progress measuring("measuring layers");
  AnalysisOptions analysis;
  analysis.quantize = to_options(options.flags);
  analysis.quantize.progress = [&](std::size_t done, std::size_t total) {
    calibrating.update(done, total);
  };
  analysis.samples = options.samples;
  analysis.metric = options.metric;
  analysis.progress = [&](std::size_t done, std::size_t total) { measuring.update(done, total); };
  if (options.statistics.empty()) return analyze_model(model, *dataset, analysis);
  return analyze_model(model, read_statistics(options.statistics), *dataset, analysis);
}

void run(const Options& options) {
  const Model model = read_model(options.model);
  const SensitivityReport report = analyze(options, model);
  if (options.json) {
    fmt::print("{}\n", to_json(report));
  } else {
    print_report(report);
  }
}

}  // namespace

void setup_analyze(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("analyze", "Which layers suffer from quantization, and why");
  verb->footer(
      "Example:\n  octavo analyze model.onnx --calibration images/\n"
      "  octavo analyze model.onnx --calibration labelled/ --samples 200 --metric top1\n\n"
      "Each layer is quantized alone, weights and result, and the network's outputs compared with "
      "the float network's.");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  verb->add_option("--calibration", options->calibration,
                   "Inputs to calibrate and to measure on: .npz, image folder, test_data_set "
                   "folder, or .yaml recipe")
      ->required();
  verb->add_option("--statistics", options->statistics,
                   "Statistics that `octavo calibrate` wrote: nothing is calibrated, the data are "
                   "only measured on");
  verb->add_option("--samples", options->samples, "To measure each layer on")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--metric", options->metric,
                   "Also measure this with each layer quantized alone (octavo evaluate --help "
                   "lists the metrics)");
  verb->add_flag("--json", options->json, "Print the report as JSON");
  add_recipe_flags(*verb, options->flags);
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
