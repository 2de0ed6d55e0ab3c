#include "octavo/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/subcommand.h"
#include "cli/sweep_axes.h"
#include "cli/terminal.h"
#include "core/atomic_file.h"

namespace octavo::cli {
namespace {

struct Options {
  std::string model;
  std::string calibration;
  std::string evaluation;
  std::string directory;
  std::string sort = "metric";
  AxisValues values = default_axis_values();
  RecipeFlags shared;
  SweepOptions sweep;
};

SweepTask task_of(const Options& options, const Model& model, const Dataset& calibration,
                  const Dataset& evaluation) {
  SweepTask task{model, std::filesystem::file_size(options.model), calibration, evaluation, {}, {}};
  for (const SweepAxis& axis : sweep_axes()) task.axes.emplace_back(axis.flag);
  for (const GridPoint& point : sweep_grid(options.values, options.shared)) {
    task.recipes.push_back({point.values, to_options(point.flags)});
  }
  return task;
}

std::string value_text(const MeasuredMetric& measured) {
  if (std::isinf(measured.value.value)) return "equal";
  if (const auto& interval = measured.value.interval_95) {
    return fmt::format("{:.2f} % ({:.1f} to {:.1f})", 100 * measured.value.value,
                       100 * interval->lower, 100 * interval->upper);
  }
  return metric_text(*measured.metric, measured.value.value);
}

// The metrics' names, from the first row that has an outcome.
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

class SweepTable {
 public:
  explicit SweepTable(const SweepReport& report)
      : report_(report), axes_(varied_axes(report)), metrics_(metric_names(report)) {}

  std::string text(const std::vector<std::size_t>& order) const {
    std::vector<std::vector<std::string>> rows = {heading(), row(report_.float_row)};
    for (const std::size_t i : order) rows.push_back(row(report_.rows[i]));
    std::vector<Align> columns(rows.front().size(), Align::kRight);
    for (std::size_t i = 0; i < axes_.size(); ++i) columns[i] = Align::kLeft;
    columns.back() = Align::kLeft;
    return table(rows, columns);
  }

 private:
  std::vector<std::string> heading() const {
    std::vector<std::string> cells;
    for (const std::size_t axis : axes_) cells.push_back(report_.axes[axis]);
    if (axes_.empty()) cells.emplace_back("recipe");
    cells.insert(cells.end(), metrics_.begin(), metrics_.end());
    cells.insert(cells.end(), {"size", "ratio", "latency", "of float", "front"});
    return cells;
  }

  std::vector<std::string> row(const SweepRow& row) const {
    std::vector<std::string> cells;
    for (const std::size_t axis : axes_) {
      cells.push_back(row.values.empty() ? "" : row.values[axis]);
    }
    if (axes_.empty()) cells.emplace_back("quantized");
    if (row.values.empty()) cells.front() = "float";
    if (!row.unsupported.empty()) {
      cells.resize(cells.size() + metrics_.size() + 4, "-");
      cells.push_back(row.unsupported);
      return cells;
    }
    const ModelEvaluation& evaluation = row.evaluation;
    for (const std::string& name : metrics_) cells.push_back(metric_cell(evaluation, name));
    const double ratio = static_cast<double>(evaluation.file_bytes) /
                         static_cast<double>(report_.float_row.evaluation.file_bytes);
    cells.push_back(bytes_text(evaluation.file_bytes));
    cells.push_back(fmt::format("{:.3f}", ratio));
    cells.push_back(evaluation.latency ? fmt::format("{:.3f} ms", evaluation.latency->median)
                                       : "-");
    cells.push_back(evaluation.latency_ratio ? fmt::format("{:.2f}", *evaluation.latency_ratio)
                                             : "-");
    cells.emplace_back(row.on_front ? "*" : "");
    return cells;
  }

  static std::string metric_cell(const ModelEvaluation& evaluation, const std::string& name) {
    for (const MeasuredMetric& measured : evaluation.metrics) {
      if (measured.metric->name == name) return value_text(measured);
    }
    return "-";
  }

  const SweepReport& report_;
  std::vector<std::size_t> axes_;
  std::vector<std::string> metrics_;
};

// Axes that take one value say it once, above the table; the target's own goes without saying.
std::string constant_axes(const SweepReport& report) {
  const std::vector<std::size_t> varied = varied_axes(report);
  std::string text;
  for (std::size_t i = 0; i < report.axes.size(); ++i) {
    const std::string& value = report.rows.front().values[i];
    const bool varies = std::find(varied.begin(), varied.end(), i) != varied.end();
    if (!varies && value != kAsTarget) text += fmt::format(", {} {}", report.axes[i], value);
  }
  return text;
}

void print_report(const SweepReport& report, const Options& options) {
  fmt::print("{} recipes, {} of them read back; {} samples in {}{}\n\n{}\n", report.rows.size(),
             report.from_cache, report.samples, report.runtime, constant_axes(report),
             SweepTable(report).text(sorted_rows(report, options.sort)));
  fmt::print("*: on the Pareto front of {}, latency and size; its models are in {}/models\n",
             report.metric, options.directory);
  fmt::print("{0}/sweep.svg, {0}/sweep.csv, {0}/sweep.json\n", options.directory);
}

SweepReport sweep(Options& options) {
  const Model model = read_model(options.model);
  const auto calibration = open_dataset(options.calibration, model.inputs());
  const auto evaluation = open_dataset(options.evaluation, model.inputs());
  options.sweep.directory = options.directory;
  options.sweep.threads = options.shared.threads;
  options.sweep.latency_threads = options.shared.latency_threads;
  Progress progress("sweeping");
  options.sweep.progress = [&](std::size_t done, std::size_t total) {
    progress.update(done, total);
  };
  return sweep_model(task_of(options, model, *calibration, *evaluation), options.sweep);
}

void run(Options& options) {
  const SweepReport report = sweep(options);
  const std::filesystem::path folder = options.directory;
  write_file_atomically(folder / "sweep.json", to_json(report) + "\n");
  write_file_atomically(folder / "sweep.csv", to_csv(report));
  write_file_atomically(folder / "sweep.svg", to_svg(report));
  print_report(report, options);
}

void add_axis_flags(CLI::App& verb, Options& options) {
  for (std::size_t i = 0; i < sweep_axes().size(); ++i) {
    const SweepAxis& axis = sweep_axes()[i];
    verb.add_option("--" + std::string(axis.flag), options.values[i], std::string(axis.help))
        ->delimiter(',')
        ->capture_default_str()
        ->group("What varies, values separated by commas; as-target: the target's own choice");
  }
}

}  // namespace

void setup_sweep(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->shared.coverage = "widest";
  options->shared.threads = 2;
  CLI::App* verb = app.add_subcommand(
      "sweep", "Every combination of schemes and calibrators in one table, and the best of them");
  verb->footer(
      "Example:\n  octavo sweep model.onnx --calibration images/ --evaluation labelled/ -o sweep/\n"
      "  octavo sweep model.onnx --calibration images/ --evaluation labelled/ --granularity "
      "per-channel --calibrator mse,entropy,auto -o sweep/\n\n"
      "What was evaluated is kept in the folder: called again, it goes on or reads back.");
  verb->add_option("model", options->model, "The float ONNX model")->required();
  verb->add_option("--calibration", options->calibration,
                   "Inputs to calibrate on, once: .npz, image folder, test_data_set folder, or "
                   ".yaml recipe")
      ->required();
  verb->add_option("--evaluation", options->evaluation, "Samples to evaluate on, labelled or not")
      ->required();
  verb->add_option("-o,--output", options->directory,
                   "Folder for the table, the picture, the best models and the cache")
      ->required();
  verb->add_option("--metric", options->sweep.metrics,
                   "What to measure, the first to judge by [as octavo evaluate]");
  verb->add_option("--sort", options->sort, "metric, sqnr, latency, size or grid")
      ->capture_default_str()
      ->check(CLI::IsMember({"metric", "sqnr", "latency", "size", "grid"}));
  add_target_flag(*verb, options->shared);
  add_rule_flags(*verb, options->shared);
  verb->add_option("--coverage", options->shared.coverage,
                   "widest (so that rows differ by scheme alone) or fastest")
      ->capture_default_str();
  verb->add_option("--threads", options->shared.threads, "Samples run side by side")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--latency-threads", options->shared.latency_threads,
                   "Threads inside the runtime while timing")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--latency-seconds", options->sweep.latency_seconds,
                   "Time to spend on each model's latency; 0 leaves it out")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  add_axis_flags(*verb, *options);
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
