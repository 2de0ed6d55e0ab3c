#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "octavo/evaluation.h"

namespace octavo::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::string evaluation;
  std::string runtime = "onnxruntime";
  int threads = 2;
  int latency_threads = 1;
  double latency_seconds = 4;
  bool json = false;
};

std::string accuracy_text(const Proportion& share) {
  return fmt::format("{:.2f} % ({:.1f} to {:.1f})", 100 * share.value(), 100 * share.lower,
                     100 * share.upper);
}

std::vector<std::string> row(const ModelEvaluation& model, const ModelEvaluation& first) {
  const auto optional = [](const auto& value, const auto& format) {
    return value ? format(*value) : std::string("-");
  };
  const bool is_first = &model == &first;
  const auto drop = [&]() -> std::string {
    if (is_first || !model.top1) return "-";
    return fmt::format("{:+.2f}", 100 * (model.top1->value() - first.top1->value()));
  };
  const double size_ratio =
      static_cast<double>(model.file_bytes) / static_cast<double>(first.file_bytes);
  return {std::filesystem::path(model.name).filename().string(),
          optional(model.top1, accuracy_text),
          drop(),
          optional(model.agreement,
                   [](const auto& share) { return fmt::format("{:.2f} %", 100 * share.value()); }),
          optional(model.sqnr_db,
                   [](double db) {
                     return std::isinf(db) ? std::string("equal") : fmt::format("{:.1f} dB", db);
                   }),
          bytes_text(model.file_bytes),
          fmt::format("{:.3f}", size_ratio),
          optional(model.latency,
                   [](const Latency& latency) {
                     return fmt::format("{:.3f} ±{:.3f} ms", latency.median, latency.spread);
                   }),
          optional(model.latency_ratio, [](double ratio) { return fmt::format("{:.2f}", ratio); })};
}

void print_report(const EvaluationReport& report) {
  std::vector<std::vector<std::string>> rows = {{"model", "top-1 (95 % interval)", "change",
                                                 "agrees", "SQNR", "size", "ratio", "latency",
                                                 "ratio"}};
  for (const ModelEvaluation& model : report.models) {
    rows.push_back(row(model, report.models.front()));
  }
  std::vector<Align> columns(rows.front().size(), Align::kRight);
  columns.front() = Align::kLeft;
  fmt::print("{} samples in {}; latency of one sample, {} thread(s), models in turn\n\n{}",
             report.samples, report.runtime, report.latency_threads, table(rows, columns));
  for (const ModelEvaluation& model : report.models) {
    if (!model.same_accuracy_p || *model.same_accuracy_p >= 0.05) continue;
    fmt::print("{}: its accuracy differs from the first model's by more than chance (p = {:.2g})\n",
               model.name, *model.same_accuracy_p);
  }
}

void run(const Options& options) {
  std::vector<Model> models;
  for (const std::string& path : options.models) models.push_back(read_model(path));
  std::vector<EvaluatedModel> evaluated;
  for (std::size_t i = 0; i < models.size(); ++i) {
    evaluated.push_back(
        {options.models[i], &models[i], std::filesystem::file_size(options.models[i])});
  }
  const auto dataset = open_dataset(options.evaluation, models.front().inputs());
  EvaluationOptions evaluation_options;
  evaluation_options.threads = options.threads;
  evaluation_options.latency_threads = options.latency_threads;
  evaluation_options.latency_seconds = options.latency_seconds;
  EvaluationReport report;
  {
    Progress progress("evaluating");
    evaluation_options.progress = [&](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    report =
        evaluate_models(evaluated, *dataset, *make_executor(options.runtime), evaluation_options);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(report));
  } else {
    print_report(report);
  }
}

}  // namespace

void setup_evaluate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("evaluate", "Accuracy, size and latency of models, side by side");
  verb->footer(
      "Example:\n  octavo evaluate model.onnx model.int8.onnx --evaluation images/\n\n"
      "The first model is what the others are compared with.");
  verb->add_option("models", options->models, "ONNX models, the float one first")->required();
  verb->add_option("--evaluation", options->evaluation,
                   "Samples, labelled or not: .npz, image folder, test_data_set folder, or .yaml "
                   "recipe")
      ->required();
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
  verb->add_flag("--json", options->json, "Print the report as JSON");
  verb->callback([options] { run(*options); });
}

}  // namespace octavo::cli
