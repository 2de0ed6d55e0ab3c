#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/data_note.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "model/io_params.h"
#include "octavo/evaluation.h"
#include "octavo/simulation.h"
#include "placement/profile.h"
#include "plan/indented_json.h"

namespace octavo::cli {
namespace {

// Below it, what a run waits for is mostly the runtime's own threads.
constexpr double kCalmShare = 0.25;

struct Options {
  std::vector<std::string> models;
  std::string evaluation;
  std::vector<std::string> metrics;
  std::string runtime = "onnxruntime";
  int threads = 2;
  int latency_threads = 1;
  double latency_seconds = 4;
  std::string simulated_target;
  bool json = false;
};

// Of one model, by the name that the table gives it.
struct NamedSimulation {
  std::string model;
  SimulationReport report;
};

std::string value_text(const Metric& metric, const MetricValue& value) {
  return std::isinf(value.value) ? "equal" : metric_text(metric, value.value);
}

std::string interval_text(const std::optional<Interval>& interval) {
  if (!interval) return {};
  return fmt::format(" ({:.1f} to {:.1f})", 100 * interval->lower, 100 * interval->upper);
}

std::string change_text(const MeasuredMetric& own, const ModelEvaluation& first) {
  const double before = first.metric(own.metric->name).value_or(own.value.value);
  const double change = own.value.value - before;
  return own.metric->is_share() ? fmt::format("{:+.2f}", 100 * change)
                                : fmt::format("{:+.3g}", change);
}

// The metrics' columns: those by label with what they lost, then those that compare.
void add_metric_cells(const ModelEvaluation& model, const EvaluationReport& report,
                      std::vector<std::string>& cells) {
  const ModelEvaluation& first = report.models.front();
  for (const MeasuredMetric& column : report.models.back().metrics) {
    const auto found =
        std::find_if(model.metrics.begin(), model.metrics.end(),
                     [&](const MeasuredMetric& own) { return own.metric == column.metric; });
    if (found == model.metrics.end()) {
      cells.emplace_back("-");
      continue;
    }
    cells.push_back(value_text(*column.metric, found->value));
    if (column.metric->need != MetricNeed::kLabel) continue;
    cells.back() += interval_text(found->value.interval_95);
    cells.push_back(&model == &first ? "-" : change_text(*found, first));
  }
}

// Not with --latency-seconds 0.
bool is_timed(const EvaluationReport& report) { return report.models.front().latency.has_value(); }

std::vector<std::string> heading(const EvaluationReport& report) {
  std::vector<std::string> cells = {"model"};
  for (const MeasuredMetric& column : report.models.back().metrics) {
    const bool by_label = column.metric->need == MetricNeed::kLabel;
    const bool has_interval = by_label && column.value.interval_95;
    cells.push_back(std::string(column.metric->name) + (has_interval ? " (95 % interval)" : ""));
    if (by_label) cells.emplace_back("change");
  }
  cells.insert(cells.end(), {"size", "ratio"});
  if (is_timed(report)) cells.insert(cells.end(), {"latency", "ratio"});
  return cells;
}

std::vector<std::string> row(const ModelEvaluation& model, const EvaluationReport& report) {
  const double size_ratio =
      static_cast<double>(model.file_bytes) / static_cast<double>(report.models.front().file_bytes);
  std::vector<std::string> cells = {std::filesystem::path(model.name).filename().string()};
  add_metric_cells(model, report, cells);
  cells.push_back(bytes_text(model.file_bytes));
  cells.push_back(fmt::format("{:.3f}", size_ratio));
  if (!model.latency) return cells;
  cells.push_back(fmt::format("{:.3f} ±{:.3f} ms", model.latency->median, model.latency->spread));
  cells.push_back(model.latency_ratio ? fmt::format("{:.2f}", *model.latency_ratio) : "-");
  return cells;
}

// What single-threaded runs waited, of the time that passed; none if nothing was timed.
double waiting_share(const EvaluationReport& report) {
  if (report.latency_threads != 1) return 0;
  double passed = 0;
  double processor = 0;
  for (const ModelEvaluation& model : report.models) {
    if (!model.latency) return 0;
    passed += model.latency->median;
    processor += model.latency->processor;
  }
  return passed > 0 ? 1 - processor / passed : 0;
}

void print_report(const EvaluationReport& report) {
  std::vector<std::vector<std::string>> rows = {heading(report)};
  for (const ModelEvaluation& model : report.models) rows.push_back(row(model, report));
  std::vector<Align> columns(rows.front().size(), Align::kRight);
  columns.front() = Align::kLeft;
  fmt::print("{} sample(s) in {}", report.samples, report.runtime);
  if (is_timed(report)) {
    fmt::print("; latency of one sample, {} thread(s), models in turn", report.latency_threads);
  }
  fmt::print("\n\n{}", table(rows, columns));
  if (waiting_share(report) > kCalmShare) {
    fmt::print(
        "{:.0f} % of the latency is waiting, mostly for other programs on this machine; the "
        "ratio is of processor time\n",
        100 * waiting_share(report));
  }
  for (const ModelEvaluation& model : report.models) {
    if (!model.same_accuracy_p || *model.same_accuracy_p >= 0.05) continue;
    fmt::print("{}: its accuracy differs from the first model's by more than chance (p = {:.2g})\n",
               model.name, *model.same_accuracy_p);
  }
}

// Every model but the first, which is the float one.
std::vector<NamedSimulation> simulate(const Options& options, std::span<const Model> models,
                                      const Dataset& dataset) {
  std::vector<NamedSimulation> simulations;
  if (options.simulated_target.empty()) return simulations;
  for (std::size_t i = 1; i < models.size(); ++i) {
    Progress progress("simulating");
    SimulationOptions simulation;
    simulation.target = options.simulated_target;
    simulation.threads = options.threads;
    simulation.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    simulations.push_back({options.models[i], simulate_kernels(models[i], dataset, simulation)});
  }
  return simulations;
}

void print_simulation(const NamedSimulation& simulation) {
  const SimulationReport& report = simulation.report;
  fmt::print("\n{} as {} would compute it ({} accumulation), {} sample(s):", simulation.model,
             report.target, report.accumulation, report.samples);
  std::vector<std::vector<std::string>> rows = {
      {"layer", "type", "saturated pairs", "damaged results", "SQNR against exact"}};
  std::size_t pairs = 0;
  for (const SimulatedLayer& layer : report.layers) {
    pairs += layer.pairs;
    if (layer.saturated_pairs == 0) continue;
    rows.push_back({shortened(layer.node), layer.op_type,
                    fmt::format("{} of {}", layer.saturated_pairs, layer.pairs),
                    fmt::format("{:.3g} %", 100.0 * static_cast<double>(layer.damaged_sums) /
                                                static_cast<double>(layer.sums)),
                    fmt::format("{:.1f} dB", layer.sqnr_db)});
  }
  if (rows.size() == 1) {
    fmt::print(" no sum saturates in {} integer layers, {} additions in 16 bits\n",
               report.layers.size(), pairs);
    return;
  }
  fmt::print(
      " sums saturate in {} of {} integer layers\n\n{}", rows.size() - 1, report.layers.size(),
      table(rows, {Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight}));
  fmt::print("Quantize with --target {} for weights that cannot saturate there\n", report.target);
}

std::string json_of(const EvaluationReport& report, std::span<const NamedSimulation> simulations) {
  if (simulations.empty()) return to_json(report);
  auto json = nlohmann::ordered_json::parse(to_json(report));
  for (const NamedSimulation& simulation : simulations) {
    json["simulations"][simulation.model] =
        nlohmann::ordered_json::parse(to_json(simulation.report));
  }
  return indented(json);
}

void run(const Options& options) {
  if (!options.simulated_target.empty()) load_profile(options.simulated_target);
  std::vector<Model> models;
  for (const std::string& path : options.models) models.push_back(read_model(path));
  std::vector<EvaluatedModel> evaluated;
  for (std::size_t i = 0; i < models.size(); ++i) {
    evaluated.push_back(
        {options.models[i], &models[i], std::filesystem::file_size(options.models[i])});
  }
  const auto dataset = open_dataset(options.evaluation, inputs_in_numbers(models.front()));
  print_data_note(options.evaluation, inputs_in_numbers(models.front()));
  EvaluationOptions evaluation_options;
  evaluation_options.threads = options.threads;
  evaluation_options.latency_threads = options.latency_threads;
  evaluation_options.latency_seconds = options.latency_seconds;
  evaluation_options.metrics = options.metrics;
  EvaluationReport report;
  {
    Progress progress("evaluating");
    evaluation_options.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    report =
        evaluate_models(evaluated, *dataset, *make_executor(options.runtime), evaluation_options);
  }
  const auto simulations = simulate(options, models, *dataset);
  if (options.json) {
    fmt::print("{}\n", json_of(report, simulations));
    return;
  }
  print_report(report);
  for (const NamedSimulation& simulation : simulations) print_simulation(simulation);
}

std::string metric_names() {
  std::string names;
  for (const Metric* metric : metrics()) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", metric->name);
  }
  return names +
         ", or a program of your own: program:PATH, program-loss:PATH, with a time limit "
         "program:PATH:90s";
}

}  // namespace

void setup_evaluate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("evaluate", "Accuracy, size and latency of models, side by side");
  verb->footer(
      "Example:\n  octavo evaluate model.onnx model.int8.onnx --evaluation images/\n\n"
      "The first model is what the others are compared with.\n\n"
      "Would it saturate on a machine that is not here?\n"
      "  octavo evaluate model.onnx model.int8.onnx --evaluation images/ --simulate "
      "onnxruntime-x86-avx2");
  verb->add_option("models", options->models, "ONNX models, the float one first")->required();
  verb->add_option("--evaluation", options->evaluation,
                   "Samples, labelled or not: .npz, image folder, test_data_set folder, or .yaml "
                   "recipe")
      ->required();
  verb->add_option("--metric", options->metrics,
                   "What to measure, several times if need be: " + metric_names() +
                       " [as the data and the outputs allow]");
  verb->add_option("--runtime", options->runtime, "What runs the models")->capture_default_str();
  verb->add_option("--threads", options->threads, "Samples evaluated side by side")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--latency-threads", options->latency_threads,
                   "Threads inside the runtime while timing")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--latency-seconds", options->latency_seconds,
                   "Time to spend on latency; 0 leaves it out")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--simulate", options->simulated_target,
                   "Also compute each integer layer as this target's kernels would, and say where "
                   "their sums saturate: a target's name or a profile's .json file");
  verb->add_flag("--json", options->json, "Print the report as JSON");
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
