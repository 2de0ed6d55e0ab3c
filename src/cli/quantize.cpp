#include "octavo/quantize.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/budget_text.h"
#include "cli/data_note.h"
#include "cli/exit_code.h"
#include "cli/node_table.h"
#include "cli/recipe_flags.h"
#include "cli/recorded_quantize.h"
#include "cli/repair_text.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "data/data_recipe.h"
#include "octavo/error.h"
#include "placement/profile.h"
#include "report/hashed_dataset.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string calibration;
  std::string statistics;
  std::string output;
  std::string plan;
  std::string max_drop;
  std::string min_accuracy;
  std::string max_latency;
  std::string evaluation;
  std::string metric;
  std::string run;
  bool pixels = false;
  RecipeFlags flags;
};

// What the flags name, opened.
struct Inputs {
  Model model;
  std::unique_ptr<HashedDataset> calibration;  // null: statistics instead
  std::unique_ptr<HashedDataset> evaluation;   // null: none was given
};

Inputs open_inputs(const Options& options) {
  Inputs inputs{read_model(options.model), nullptr, nullptr};
  const auto open = [&](const std::string& path) {
    return std::make_unique<HashedDataset>(open_dataset(path, inputs.model.inputs()));
  };
  if (!options.evaluation.empty()) inputs.evaluation = open(options.evaluation);
  if (!options.calibration.empty()) {
    inputs.calibration = open(options.calibration);
    print_data_note(options.calibration, inputs.model.inputs());
  }
  return inputs;
}

bool has_accuracy_budget(const Options& options) {
  return !options.max_drop.empty() || !options.min_accuracy.empty();
}

bool is_static(const Options& options) { return parse_mode(options.flags.mode) == Mode::kStatic; }

// What the calibration recipe does to pixels.
std::optional<Normalization> pixel_steps(const Options& options) {
  if (!options.pixels) return std::nullopt;
  const std::filesystem::path path = options.calibration;
  if (path.extension() != ".yaml" && path.extension() != ".yml") {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("--input-pixels: --calibration '{}' is no .yaml data recipe, whose "
                            "`values` say what happens to pixels",
                            options.calibration));
  }
  if (!options.flags.input_dtype.empty() && options.flags.input_dtype != "uint8") {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("--input-pixels are uint8, not {}", options.flags.input_dtype));
  }
  const ValueSteps steps = read_data_recipe(path).input.steps.values;
  return Normalization{steps.divide, steps.mean, steps.standard_deviation, steps.multiply};
}

void add_budget(const Options& options, const Inputs& inputs, QuantizeOptions& quantize_options) {
  AccuracyBudget budget;
  budget.evaluation = inputs.evaluation.get();
  budget.metric = options.metric;
  // Whatever is measured where nothing was asked for, it is a share.
  const auto metric = open_metric(options.metric.empty() ? "top1" : options.metric);
  if (!options.max_drop.empty()) {
    const MaxDrop drop = parse_max_drop(options.max_drop, *metric);
    budget.max_drop = drop.most;
    budget.unit = drop.unit;
  }
  if (!options.min_accuracy.empty()) {
    budget.min_accuracy = parse_min_accuracy(options.min_accuracy, *metric);
  }
  if (has_accuracy_budget(options)) quantize_options.budget = budget;
  if (!options.max_latency.empty()) {
    quantize_options.latency_budget = parse_max_latency(options.max_latency);
  }
}

QuantizeResult quantize(const Options& options, const Inputs& inputs,
                        QuantizeOptions& quantize_options) {
  // It costs a few seconds and helps most models.
  add_usual_repair(options.flags, inputs.calibration.get(), "bias", quantize_options);
  add_budget(options, inputs, quantize_options);
  if (!options.statistics.empty()) {
    return quantize_model(inputs.model, read_statistics(options.statistics), quantize_options);
  }
  if (inputs.calibration == nullptr) return quantize_model(inputs.model, quantize_options);
  Progress progress("calibrating");
  quantize_options.progress = [&](std::size_t done, std::size_t total) {
    progress.update(done, total);
  };
  return quantize_model(inputs.model, *inputs.calibration, quantize_options);
}

void add_latency(const MeasuredLatency& latency, std::vector<std::string>& row) {
  row.push_back(fmt::format("{:.3f} ms", latency.milliseconds));
  row.push_back(fmt::format("{:.2f}", latency.ratio_to_float));
}

// What was measured, or why the float model stayed.
void print_coverages(const Options& options, const QuantizeResult& result) {
  if (result.coverages.empty()) return;
  const bool in_one = result.coverages.front().elsewhere.empty();
  std::vector<std::vector<std::string>> rows = {
      {"measured here", "quantized nodes",
       in_one ? "latency" : load_profile(options.flags.target).runtime, "of float"}};
  for (const auto& [runtime, latency] : result.coverages.front().elsewhere) {
    rows.front().insert(rows.front().end(), {runtime, "of float"});
  }
  rows.front().emplace_back();
  for (const MeasuredCoverage& coverage : result.coverages) {
    std::vector<std::string>& row = rows.emplace_back();
    row = {coverage.name, std::to_string(coverage.quantized_nodes)};
    add_latency({coverage.latency_ms, coverage.ratio_to_float}, row);
    for (const auto& [runtime, latency] : coverage.elsewhere) add_latency(latency, row);
    row.emplace_back(coverage.chosen ? "chosen" : "");
  }
  std::vector<Align> aligns(rows.front().size(), Align::kRight);
  aligns.front() = aligns.back() = Align::kLeft;
  fmt::print("{}\n", table(rows, aligns));
  for (const MeasuredCoverage& coverage : result.coverages) {
    if (!coverage.chosen || coverage.quantized_nodes > 0) continue;
    fmt::print(stderr,
               "warning: nothing is quantized, float is fastest here; --coverage widest makes the "
               "file smaller all the same\n");
  }
}

void print_result(const Options& options, const QuantizeResult& result, const std::string& output) {
  const auto before = std::filesystem::file_size(options.model);
  const auto after = std::filesystem::file_size(output);
  fmt::print("{}\n", summary_table(result.nodes));
  if (!result.pixels.empty()) fmt::print("pixels: {}\n", result.pixels);
  print_coverages(options, result);
  print_repairs(result.repairs);
  if (result.budget) print_budget(*result.budget);
  if (result.latency_budget) print_budget(*result.latency_budget);
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
  fmt::print("{} -> {}: {} -> {}, ratio {:.3f}\n", options.model, output, bytes_text(before),
             bytes_text(after), static_cast<double>(after) / static_cast<double>(before));
  if (options.run.empty()) {
    fmt::print("Next: octavo evaluate {} {} --evaluation DATA\n", options.model, output);
  } else {
    fmt::print("Next: octavo report {}\n", options.run);
  }
}

void write_result(const Options& options, const QuantizeResult& result) {
  if (!options.output.empty()) write_model(result.model, options.output);
  if (!options.plan.empty()) write_file_atomically(options.plan, result.plan_json + "\n");
}

bool keeps_budgets(const QuantizeResult& result) {
  return (!result.budget || result.budget->met) &&
         (!result.latency_budget || result.latency_budget->met);
}

// Both say whether every budget is kept.
bool run_plainly(const Options& options) {
  const Inputs inputs = open_inputs(options);
  QuantizeOptions quantize_options = to_options(options.flags);
  quantize_options.recipe.pixels = pixel_steps(options);
  const QuantizeResult result = quantize(options, inputs, quantize_options);
  write_result(options, result);
  print_result(options, result, options.output);
  return keeps_budgets(result);
}

bool run_into(RunFolder& folder, const Options& options) {
  folder.begin_stage("read");
  const Inputs inputs = open_inputs(options);
  const RecordedRun recorded{
      folder,        inputs.model, options.model, inputs.calibration.get(), inputs.evaluation.get(),
      options.metric};
  QuantizeOptions quantize_options = to_options(options.flags);
  quantize_options.recipe.pixels = pixel_steps(options);
  record(recorded, quantize_options);
  const QuantizeResult result = quantize(options, inputs, quantize_options);
  folder.begin_stage("write");
  write_result(options, result);
  write_outcome(recorded, quantize_options, result);
  if (inputs.calibration) folder.add_samples("calibration", *inputs.calibration);
  if (inputs.evaluation) folder.add_samples("evaluation", *inputs.evaluation);
  const std::string in_folder = folder.path(kRunModel).string();
  print_result(options, result, options.output.empty() ? in_folder : options.output);
  return keeps_budgets(result);
}

RunDescription description(const Options& options, const std::vector<std::string>& command) {
  return {.command = command,
          .octavo_version = OCTAVO_VERSION,
          .target = options.flags.target,
          .model = options.model,
          .data = {{"calibration", options.calibration},
                   {"statistics", options.statistics},
                   {"evaluation", options.evaluation}}};
}

bool run(const Options& options, const std::vector<std::string>& command) {
  if (options.run.empty()) return run_plainly(options);
  RunFolder folder(options.run, description(options, command));
  bool kept = false;
  folder.record([&] { kept = run_into(folder, options); });
  return kept;
}

// What CLI11 cannot say of several flags at once.
void check(const Options& options) {
  if (is_static(options) && options.calibration.empty() && options.statistics.empty()) {
    throw CLI::RequiredError("--calibration or --statistics");
  }
  if (!is_static(options) && !options.run.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("--run records static quantization, not mode {}", options.flags.mode));
  }
  if (options.output.empty() && options.run.empty()) throw CLI::RequiredError("--output or --run");
  if (!options.evaluation.empty() && !has_accuracy_budget(options) && options.run.empty()) {
    throw CLI::RequiredError("--evaluation needs --max-drop, --min-accuracy or --run, which");
  }
  for (const std::string& path : {options.output, options.plan}) {
    if (!path.empty()) require_place_for(path);
  }
}

// What the result must keep, and what is done to keep it.
void add_result_flags(CLI::App& verb, Options& options) {
  const HelpGroup group(verb, "Accuracy and latency");
  auto* max_drop = verb.add_option(
      "--max-drop", options.max_drop,
      "Points of accuracy that may be lost, 0.5% or 0.5; layers stay float until it holds. With "
      "--metric sqnr, kl, mse or cosine, points expected to be lost as the scores tell, without "
      "labels; with a program, 2 of its own unit or 2% of the float model's value");
  auto* evaluation =
      verb.add_option("--evaluation", options.evaluation,
                      "Samples to keep the accuracy on (half are searched on, half held out) and, "
                      "with --run, to compare the result with the float model on");
  max_drop->needs(evaluation);
  auto* min_accuracy = verb.add_option("--min-accuracy", options.min_accuracy,
                                       "The same, as the value that must be left: 90%, 20dB");
  min_accuracy->needs(evaluation)->excludes(max_drop);
  verb.add_option("--metric", options.metric,
                  "What --max-drop and --min-accuracy are about, and --run shows (octavo evaluate "
                  "--help lists the metrics) [top1, or agreement with the float model where the "
                  "data have no labels]")
      ->needs(evaluation);
  verb.add_option(
          "--max-latency", options.max_latency,
          "Of what takes at most this long, 0.5x of float or 3ms, the most accurate: layers "
          "go back to float as long as the measured latency allows it")
      ->excludes(max_drop)
      ->excludes(min_accuracy);
  verb.add_option("--repair", options.flags.repair, repair_help("bias"));
}

}  // namespace

void setup_quantize(CLI::App& app, const std::vector<std::string>& command) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("quantize", "Make a float model an int8 one, or one of 4 or 16 bits");
  verb->footer(
      "Example:\n  octavo quantize model.onnx --calibration images/ --target onnxruntime-x86 "
      "-o model.int8.onnx\n"
      "  octavo quantize model.onnx --calibration images/ --max-drop 0.5% --evaluation labelled/ "
      "-o model.int8.onnx\n"
      "  octavo quantize model.onnx --calibration images/ --evaluation labelled/ --run run/\n"
      "  octavo quantize model.onnx --mode weight-only --weight-type int4 -o model.int4.onnx");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  auto* data = verb->add_option("--calibration", options->calibration,
                                "Inputs to calibrate on: .npz, image folder, test_data_set folder, "
                                "or .yaml recipe");
  auto* statistics = verb->add_option("--statistics", options->statistics,
                                      "Statistics that `octavo calibrate` wrote, instead of data");
  data->excludes(statistics);
  verb->add_option("-o,--output", options->output,
                   "Where the quantized model goes [RUN/model.int8.onnx]");
  verb->add_option("--plan", options->plan,
                   "Also write every scale, range and reason here, as JSON");
  verb->add_option("--run", options->run,
                   "Leave a folder with the model, its plan, statistics and all that `octavo "
                   "report` shows; the nodes are timed for it");
  verb->add_flag(
      "--input-pixels", options->pixels,
      "The caller feeds pixels as uint8: what `values` of the calibration recipe does to "
      "them becomes part of the model, of its input's scale where that is exact");
  add_result_flags(*verb, *options);
  add_recipe_flags(*verb, options->flags);
  verb->callback([options, command] {
    check(*options);
    if (!run(*options, command)) throw CLI::RuntimeError(kBudgetNotMet);
  });
}

}  // namespace octavo::cli
