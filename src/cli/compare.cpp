#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "octavo/comparison.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string float_model;
  std::string quantized;
  std::string data;
  std::string json;
  std::size_t layers = 10;
  bool all = false;
  ComparisonOptions comparison;
};

std::string decibels(double value) {
  if (std::isnan(value)) return "NaN";
  return std::isinf(value) ? (value > 0 ? "exact" : "lost") : fmt::format("{:.1f} dB", value);
}

std::string range_text(const Range& range) {
  return fmt::format("{:.3g} to {:.3g}", range.min, range.max);
}

std::string share_text(double share) {
  return share == 0 ? "0" : fmt::format("{:.2g} %", 100 * share);
}

std::vector<std::string> row(const LayerComparison& layer) {
  std::vector<std::string> cells = {shortened(layer.node), layer.op_type, decibels(layer.effect_db),
                                    decibels(layer.so_far.sqnr_db),
                                    fmt::format("{:.4f}", layer.so_far.cosine)};
  if (layer.quantizer) {
    const ResultQuantizer& quantizer = *layer.quantizer;
    cells.insert(cells.end(), {share_text(quantizer.clipped_share), range_text(quantizer.covered),
                               range_text(quantizer.seen)});
  } else {
    cells.insert(cells.end(), {"-", "float", "-"});
  }
  cells.push_back(layer.weight ? fmt::format("{:.3g} x", layer.weight->widest_over_median) : "-");
  cells.emplace_back(layer.causes.empty() ? "" : layer.causes.front().name);
  return cells;
}

// Positions of the layers to show, in graph order.
std::vector<std::size_t> shown(const ComparisonReport& report, const Options& options) {
  std::vector<std::size_t> order = worst_first(report);
  if (!options.all) order.resize(std::min(order.size(), options.layers));
  std::sort(order.begin(), order.end());
  return order;
}

void print_table(const ComparisonReport& report, const Options& options) {
  std::vector<std::vector<std::string>> rows = {{"node", "type", "adds", "so far", "cosine",
                                                 "clipped", "codes reach", "values seen", "weights",
                                                 "likely cause"}};
  const std::vector<std::size_t> order = shown(report, options);
  for (const std::size_t i : order) rows.push_back(row(report.layers[i]));
  fmt::print(
      "Signal to noise. `adds`: the layer's own error, with exact inputs, as the layers that read "
      "it "
      "see it.\n`so far`: everything before it quantized too. `weights`: the widest output channel "
      "over the "
      "median one.\n{} of {} layers in graph order, {} sample(s) in {}\n\n{}\n",
      order.size(), report.layers.size(), report.samples, report.runtime,
      table(rows, {Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                   Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kLeft}));
}

void print_cause(const std::string& subject, const Cause& cause) {
  fmt::print("{}: {}.", subject, cause.sentence);
  if (!cause.flag.empty()) fmt::print(" Try {}", cause.flag);
  fmt::print("\n");
}

// The worst layers that have a cause, worst first.
void print_causes(const ComparisonReport& report, const Options& options) {
  std::size_t left = options.layers;
  for (const std::size_t i : worst_first(report)) {
    const LayerComparison& layer = report.layers[i];
    if (layer.causes.empty()) continue;
    if (left-- == 0) break;
    print_cause(shortened(layer.node), layer.causes.front());
  }
  for (const Cause& risk : report.risks) print_cause("the file", risk);
}

// The layer to look at, where none has a cause.
void print_without_causes(const ComparisonReport& report) {
  const bool any_cause =
      std::any_of(report.layers.begin(), report.layers.end(),
                  [](const LayerComparison& layer) { return !layer.causes.empty(); });
  if (any_cause) return;
  const LayerComparison& worst = report.layers[worst_first(report).front()];
  if (worst.effect_db == std::numeric_limits<double>::infinity()) {
    fmt::print("No layer adds an error: as the files are written, the models are equal.\n");
    return;
  }
  const bool is_node = worst.op_type != "Input";
  fmt::print("No layer shows a known fault; '{}' adds the most error. --exclude keeps {} float.\n",
             shortened(worst.node), is_node ? "it" : "what reads it");
}

void print_report(const ComparisonReport& report, const Options& options) {
  print_table(report, options);
  print_causes(report, options);
  print_without_causes(report);
  fmt::print("Outputs: {} computed as the file is written, {} by {}'s own kernels.\n",
             decibels(report.kernels.as_written_sqnr_db), decibels(report.kernels.executed_sqnr_db),
             report.runtime);
}

void run(Options& options) {
  if (!options.json.empty()) require_place_for(options.json);
  const Model float_model = read_model(options.float_model);
  const Model quantized = read_model(options.quantized);
  const auto dataset = open_dataset(options.data, float_model.inputs());
  ComparisonReport report;
  {
    Progress progress("comparing");
    options.comparison.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    report = compare_models(float_model, quantized, *dataset, options.comparison);
  }
  print_report(report, options);
  if (!options.json.empty()) write_file_atomically(options.json, to_json(report) + "\n");
}

std::string footer() {
  std::string text =
      "Example:\n  octavo compare model.onnx model.int8.onnx --data images/\n\n"
      "INT8 is any Q/DQ model whose tensors keep the float model's names: Octavo's or another "
      "quantizer's.\n\nCauses that it knows:";
  for (const CauseInfo& cause : known_causes()) {
    text += fmt::format("\n  {:<20} {}", cause.name, cause.help);
  }
  return text;
}

}  // namespace

void setup_compare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "compare", "Where a quantized model's error enters, how it travels, and the likely cause");
  verb->footer(footer());
  verb->add_option("float", options->float_model, "The float ONNX model")->required();
  verb->add_option("int8", options->quantized, "The Q/DQ model made of it")->required();
  verb->add_option("--data", options->data,
                   "Inputs: .npz, image folder, test_data_set folder, or .yaml recipe")
      ->required();
  verb->add_option("--samples", options->comparison.samples, "How many of them, the first ones")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--layers", options->layers, "How many to show: those that add the most error")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_flag("--all", options->all, "Show every layer");
  verb->add_option("--json", options->json, "Also write all figures here");
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
