// Float against quantized, side by side, on the same samples in one run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/export.h"
#include "octavo/metrics.h"
#include "octavo/model.h"

namespace octavo {

// Top1 where the data have labels, agreement where the outputs are classes, sqnr.
enum class UsualMetrics : std::uint8_t {
  kIfNoneIsNamed,
  kBeside,  // those that the outputs allow, behind the ones that are named
};

struct EvaluationOptions {
  int threads = 1;                   // samples evaluated side by side
  int latency_threads = 1;           // threads inside the runtime while timing
  double latency_seconds = 4;        // time spent on latency, all models together; 0: not timed
  std::vector<std::string> metrics;  // as open_metric() takes them
  UsualMetrics usual_metrics = UsualMetrics::kIfNoneIsNamed;
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

struct MeasuredMetric {
  std::shared_ptr<const Metric> metric;
  MetricValue value;
};

// Of single runs with batch 1, in milliseconds.
struct Latency {
  std::size_t runs = 0;
  double median = 0;
  double spread = 0;  // median absolute deviation from the median
  double minimum = 0;
  // Median processor time of the whole process. With one thread inside the runtime, what the median
  // has beyond it is waiting: most of it for other programs.
  double processor = 0;
};

struct ModelEvaluation {
  std::string name;
  std::uintmax_t file_bytes = 0;
  // In the order asked for. The first model has none of those that compare with it.
  std::vector<MeasuredMetric> metrics;
  // Two-sided exact McNemar test of "equally accurate as the first model" on the first metric that
  // judges each sample right or wrong by its label; near 1: no difference seen.
  std::optional<double> same_accuracy_p;
  std::optional<Latency> latency;
  // The median over the timing rounds of this model's time over the first's in the same round.
  std::optional<double> latency_ratio;

  // Nothing if it was not measured.
  OCTAVO_API std::optional<double> metric(std::string_view metric_name) const;
};

struct EvaluationReport {
  std::size_t samples = 0;
  std::string runtime;  // "onnxruntime 1.31.1"
  int latency_threads = 1;
  std::vector<ModelEvaluation> models;
};

struct EvaluatedModel {
  std::string name;  // a path, usually
  const Model* model = nullptr;
  std::uintmax_t file_bytes = 0;
};

// The first model is what the others are compared with. Throws Error(kInvalidData), naming the
// sample, where a metric cannot be measured on it (a label that is no class of the model);
// Error(kInvalidArgument) for an unknown metric or if there is no model.
OCTAVO_API EvaluationReport evaluate_models(std::span<const EvaluatedModel> models,
                                            const Dataset& dataset, const Executor& executor,
                                            const EvaluationOptions& options);

OCTAVO_API std::string to_json(const EvaluationReport& report);

}  // namespace octavo
