#include "cli/recorded_quantize.h"

#include <array>
#include <memory>

#include "cli/terminal.h"
#include "core/atomic_file.h"
#include "octavo/evaluation.h"
#include "pipeline/decide.h"
#include "report/collect.h"
#include "report/result_report.h"
#include "report/search_report.h"

namespace octavo::cli {
namespace {

namespace fs = std::filesystem;

void evaluate(const RecordedRun& run, const QuantizeOptions& options,
              const QuantizeResult& result) {
  const fs::path quantized = run.folder.path(kRunModel);
  const std::array<EvaluatedModel, 2> models = {{
      {run.model_path.string(), &run.model, fs::file_size(run.model_path)},
      {quantized.string(), &result.model, fs::file_size(quantized)},
  }};
  EvaluationOptions evaluation;
  evaluation.threads = options.threads;
  evaluation.latency_threads = options.latency_threads;
  if (!run.metric.empty()) evaluation.metrics = {run.metric};
  evaluation.usual_metrics = UsualMetrics::kBeside;
  Progress progress("evaluating");
  evaluation.progress = [&](std::size_t done, std::size_t total) { progress.update(done, total); };
  const Profile profile = load_profile(options.target);
  // Accuracy is nearly the same in every runtime; latency says nothing of another one.
  if (!has_runtime_here(profile)) evaluation.latency_seconds = 0;
  const auto executor = executor_for(profile);
  const EvaluationReport report = evaluate_models(models, *run.evaluation, *executor, evaluation);
  write_file_atomically(run.folder.path("evaluation.json"), to_json(report) + "\n");
}

}  // namespace

void record(const RecordedRun& run, QuantizeOptions& options) {
  options.stage = [&folder = run.folder](std::string_view name) { folder.begin_stage(name); };
  CollectOptions collecting;
  collecting.data = run.calibration;
  collecting.threads = options.threads;
  collecting.latency_threads = options.latency_threads;
  options.explain = [run, collecting](const Evidence& evidence) {
    run.folder.begin_stage("measure nodes");
    write_statistics(evidence.statistics, run.folder.path("model.statistics"));
    collect(evidence, run.model, collecting, run.folder);
  };
}

void write_outcome(const RecordedRun& run, const QuantizeOptions& options,
                   const QuantizeResult& result) {
  const fs::path quantized = run.folder.path(kRunModel);
  write_model(result.model, quantized);
  write_file_atomically(run.folder.path("plan.json"), result.plan_json + "\n");
  run.folder.write("result.json", result_json(result, options,
                                              {.float_bytes = fs::file_size(run.model_path),
                                               .quantized_bytes = fs::file_size(quantized)}));
  if (result.budget) run.folder.write("search.json", search_json(*result.budget));
  for (const std::string& warning : result.warnings) run.folder.warn(warning);
  if (run.evaluation == nullptr) return;
  run.folder.begin_stage("evaluate");
  evaluate(run, options, result);
}

}  // namespace octavo::cli
