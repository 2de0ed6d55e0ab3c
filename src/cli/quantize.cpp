#include "octavo/quantize.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cli/budget_text.h"
#include "cli/node_table.h"
#include "cli/recipe_flags.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string calibration;
  std::string statistics;
  std::string output;
  std::string plan;
  std::string max_drop;
  std::string evaluation;
  RecipeFlags flags;
};

QuantizeResult quantize(const Options& options, const Model& model) {
  QuantizeOptions quantize_options = to_options(options.flags);
  std::unique_ptr<Dataset> evaluation;
  if (!options.max_drop.empty()) {
    const double max_drop = parse_max_drop(options.max_drop);
    evaluation = open_dataset(options.evaluation, model.inputs());
    quantize_options.budget = AccuracyBudget{max_drop, evaluation.get()};
  }
  if (!options.statistics.empty()) {
    return quantize_model(model, read_statistics(options.statistics), quantize_options);
  }
  if (options.calibration.empty()) return quantize_model(model, quantize_options);
  const auto dataset = open_dataset(options.calibration, model.inputs());
  Progress progress("calibrating");
  quantize_options.progress = [&](std::size_t done, std::size_t total) {
    progress.update(done, total);
  };
  return quantize_model(model, *dataset, quantize_options);
}

// What was measured, or why the float model stayed.
void print_coverages(const QuantizeResult& result) {
  if (result.coverages.empty()) return;
  std::vector<std::vector<std::string>> rows = {
      {"measured here", "quantized nodes", "latency", "of float", ""}};
  for (const MeasuredCoverage& coverage : result.coverages) {
    rows.push_back({coverage.name, std::to_string(coverage.quantized_nodes),
                    fmt::format("{:.3f} ms", coverage.latency_ms),
                    fmt::format("{:.2f}", coverage.ratio_to_float),
                    coverage.chosen ? "chosen" : ""});
  }
  fmt::print("{}\n", table(rows, {Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
                                  Align::kLeft}));
  for (const MeasuredCoverage& coverage : result.coverages) {
    if (!coverage.chosen || coverage.quantized_nodes > 0) continue;
    fmt::print(stderr,
               "warning: nothing is quantized, float is fastest here; --coverage widest makes the "
               "file smaller all the same\n");
  }
}

void print_result(const Options& options, const QuantizeResult& result) {
  const auto before = std::filesystem::file_size(options.model);
  const auto after = std::filesystem::file_size(options.output);
  fmt::print("{}\n", summary_table(result.nodes));
  print_coverages(result);
  if (result.budget) print_budget(*result.budget);
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
  fmt::print("{} -> {}: {} -> {}, ratio {:.3f}\n", options.model, options.output,
             bytes_text(before), bytes_text(after),
             static_cast<double>(after) / static_cast<double>(before));
  fmt::print("Next: octavo evaluate {} {} --evaluation DATA\n", options.model, options.output);
}

void run(const Options& options) {
  const Model model = read_model(options.model);
  const QuantizeResult result = quantize(options, model);
  write_model(result.model, options.output);
  if (!options.plan.empty()) write_file_atomically(options.plan, result.plan_json + "\n");
  print_result(options, result);
}

}  // namespace

void setup_quantize(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("quantize", "Make a float model an int8 one, or one of 4 or 16 bits");
  verb->footer(
      "Example:\n  octavo quantize model.onnx --calibration images/ --target onnxruntime-x86 "
      "-o model.int8.onnx\n"
      "  octavo quantize model.onnx --calibration images/ --max-drop 0.5% --evaluation labelled/ "
      "-o model.int8.onnx\n"
      "  octavo quantize model.onnx --mode weight-only --weight-type int4 -o model.int4.onnx");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  auto* data = verb->add_option("--calibration", options->calibration,
                                "Inputs to calibrate on: .npz, image folder, test_data_set folder, "
                                "or .yaml recipe");
  auto* statistics = verb->add_option("--statistics", options->statistics,
                                      "Statistics that `octavo calibrate` wrote, instead of data");
  data->excludes(statistics);
  verb->add_option("-o,--output", options->output, "Where the quantized model goes")->required();
  verb->add_option("--plan", options->plan,
                   "Also write every scale, range and reason here, as JSON");
  auto* max_drop = verb->add_option(
      "--max-drop", options->max_drop,
      "Points of accuracy that may be lost, 0.5% or 0.5: top1, or agreement with the float model "
      "where the evaluation data have no labels; layers stay float until it holds");
  auto* evaluation =
      verb->add_option("--evaluation", options->evaluation,
                       "Samples to keep --max-drop on: half are searched on, half held out");
  max_drop->needs(evaluation);
  evaluation->needs(max_drop);
  add_recipe_flags(*verb, options->flags);
  verb->callback([options, data, statistics] {
    const bool is_static = parse_mode(options->flags.mode) == Mode::kStatic;
    if (is_static && data->empty() && statistics->empty()) {
      throw CLI::RequiredError("--calibration or --statistics");
    }
    run(*options);
  });
}

}  // namespace octavo::cli
