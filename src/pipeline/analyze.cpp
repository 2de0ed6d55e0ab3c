#include "octavo/analysis.h"
#include "pipeline/coverage.h"
#include "pipeline/decide.h"
#include "search/sensitivity.h"

namespace octavo {
namespace {

// Before anything runs: a wrong name should not cost a calibration.
void require_known_metric(const AnalysisOptions& options) {
  if (!options.metric.empty()) open_metric(options.metric);
}

SensitivityReport analyze(const Decided& decided, const Statistics& statistics, const Dataset& data,
                          const AnalysisOptions& options) {
  const CoverageTask task{decided.model, decided.profile, options.quantize, decided.placement,
                          statistics};
  const Plan plan = plan_widest(task).plan;
  SensitivityOptions sensitivity;
  sensitivity.samples = options.samples;
  const auto metric = options.metric.empty() ? nullptr : open_metric(options.metric);
  sensitivity.metric = metric.get();
  sensitivity.threads = options.quantize.threads;
  sensitivity.progress = options.progress;
  return measure_sensitivity({decided.model, decided.placement, plan, statistics}, data,
                             *executor_for(decided.profile), sensitivity);
}

}  // namespace

SensitivityReport analyze_model(const Model& model, const Dataset& data,
                                const AnalysisOptions& options) {
  require_known_metric(options);
  const Decided decided = decide(model, options.quantize);
  return analyze(decided, calibrate_decided(decided, data, options.quantize), data, options);
}

SensitivityReport analyze_model(const Model& model, const Statistics& statistics,
                                const Dataset& data, const AnalysisOptions& options) {
  require_known_metric(options);
  const Decided decided = decide(model, options.quantize);
  require_statistics_of(decided, statistics);
  return analyze(decided, statistics, data, options);
}

}  // namespace octavo
