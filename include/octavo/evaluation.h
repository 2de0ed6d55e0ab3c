// Float against quantized, side by side, on the same samples in one run.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/export.h"
#include "octavo/model.h"

namespace octavo {

struct EvaluationOptions {
  int threads = 1;             // samples evaluated side by side
  int latency_threads = 1;     // threads inside the runtime while timing
  double latency_seconds = 4;  // time spent on latency, all models together; 0: not timed
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

// A share with its Wilson score interval at 95 %.
struct Proportion {
  std::size_t hits = 0;
  std::size_t trials = 0;
  double value() const {
    return trials == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(trials);
  }
  double lower = 0;
  double upper = 0;
};
// Source: E. B. Wilson, JASA 22 (1927); Brown, Cai, DasGupta, Statistical Science 16 (2001).
OCTAVO_API Proportion proportion(std::size_t hits, std::size_t trials);

// Of single runs with batch 1, in milliseconds.
struct Latency {
  std::size_t runs = 0;
  double median = 0;
  double spread = 0;  // median absolute deviation from the median
  double minimum = 0;
};

struct ModelEvaluation {
  std::string name;
  std::uintmax_t file_bytes = 0;
  std::optional<Proportion> top1;  // where the data have labels
  std::optional<Proportion>
      agreement;  // same top class as the first model; not for the first itself
  // Signal-to-noise ratio of the outputs against the first model's, in dB; infinite if equal.
  std::optional<double> sqnr_db;
  // Two-sided exact McNemar test of "equally accurate as the first model"; near 1: no difference
  // seen.
  std::optional<double> same_accuracy_p;
  std::optional<Latency> latency;
  // The median over the timing rounds of this model's time over the first's in the same round.
  std::optional<double> latency_ratio;
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

// The first model is what the others are compared with. The predicted class is the index of the
// largest element of the first output. Throws Error(kInvalidData), naming sample and label, for a
// label that is no class of the model; Error(kInvalidArgument) if there is no model.
OCTAVO_API EvaluationReport evaluate_models(std::span<const EvaluatedModel> models,
                                            const Dataset& dataset, const Executor& executor,
                                            const EvaluationOptions& options);

OCTAVO_API std::string to_json(const EvaluationReport& report);

}  // namespace octavo
