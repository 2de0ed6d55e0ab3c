// Post-training quantization in one call: a float model in, a Q/DQ model and its reasons out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/export.h"
#include "octavo/metrics.h"
#include "octavo/model.h"
#include "octavo/recipe.h"
#include "octavo/repair.h"
#include "octavo/statistics.h"

namespace octavo {

struct Evidence;  // src/pipeline/evidence.h

// Which of the nodes that the target can run on integers do.
enum class Coverage : std::uint8_t {
  kWidest,   // all of them: smallest file; the same result on every machine
  kFastest,  // those that make the model faster in the target's runtime on this machine, by
             // measurement, or fall least behind the best in each of several targets' runtimes; as
             // kWidest where the target does not run here
};

enum class DropUnit : std::uint8_t {
  kOfMetric,  // the metric's own: of a share, 0.005 is half a point
  kOfFloat,   // a part of the float model's value
};

// How much accuracy the quantized model may lose.
struct AccuracyBudget {
  // Of a graded metric that compares with the float model (sqnr, kl, mse, cosine): points of
  // accuracy all the same, of answers expected to be lost; see search/expected_loss.h.
  double max_drop = 0.005;
  const Dataset* evaluation = nullptr;  // at least two samples; outlives the call
  // Instead of max_drop: the value that must be left, a share for most metrics.
  std::optional<double> min_accuracy = {};
  // As open_metric() takes it; empty: top1 where the data have labels, agreement with the float
  // model's classes elsewhere.
  std::string metric = {};
  DropUnit unit = DropUnit::kOfMetric;
};

enum class LatencyUnit : std::uint8_t { kOfFloat, kMilliseconds };

// How slow the quantized model may be in the target's runtime on this machine.
struct LatencyBudget {
  double most = 1;
  LatencyUnit unit = LatencyUnit::kOfFloat;
};

struct QuantizeOptions {
  std::string target = "onnxruntime-x86";  // a shipped profile's name, or a profile file's path
  Recipe recipe;
  std::vector<std::string> disabled_passes;  // of the preparation, by name
  std::vector<std::string>
      repairs;  // of repairs(), by name; of the mode; they need calibration data
  Coverage coverage = Coverage::kWidest;
  int latency_threads = 1;  // inside the runtime, while kFastest measures
  int threads = 1;
  std::function<void(std::size_t done, std::size_t total)> progress;  // calibration; may be empty
  // If the model as asked for loses too much, the target's own scheme is tried; then layers stay
  // float, those first that hurt most, until the budget holds.
  std::optional<AccuracyBudget> budget = {};
  // The other way round: of what is fast enough, the most accurate. Layers go back to float, those
  // first that hurt most, as long as it holds. Not together with `budget`; needs calibration data
  // and a target that runs here.
  std::optional<LatencyBudget> latency_budget = {};
  // Called as each stage begins: "prepare", "calibrate", "choose coverage", "repair", "keep
  // budget".
  std::function<void(std::string_view stage)> stage = {};
  // Called once, at the end, with what the decisions rest on: what a run's report is made of.
  std::function<void(const Evidence& evidence)> explain = {};
};

struct MeasuredLatency {
  double milliseconds = 0;    // median
  double ratio_to_float = 0;  // median over rounds in which both took turns
};

// What kFastest measured: one way to split the model between integers and float.
struct MeasuredCoverage {
  std::string name;  // "widest", "float", ...
  std::size_t quantized_nodes = 0;
  double latency_ms = 0;      // median
  double ratio_to_float = 0;  // median over rounds in which all took turns
  bool chosen = false;
  // The same in the runtimes of the targets after the first, by name.
  std::map<std::string, MeasuredLatency> elsewhere = {};
};

// The metric on one half of the evaluation data.
struct HalfOutcome {
  std::size_t samples = 0;
  double float_value = 0;
  double first_value = 0;  // of the model before any layer was kept float
  double value = 0;        // of the result
  // The worst value within the budget, or the largest expected loss.
  double limit = 0;
  BetterValue better = BetterValue::kHigher;
  // Of the result: the share of the samples whose right answer is expected to be lost. Only where a
  // budget in points is kept without labels: then it is judged, not the value.
  std::optional<double> expected_loss = {};
  double drop() const { return worse_by(value); }
  double first_drop() const { return worse_by(first_value); }
  bool is_within() const {
    if (expected_loss) return *expected_loss <= limit + kRounding;
    return sign() * (value - limit) >= -kRounding;
  }
  double sign() const { return better == BetterValue::kHigher ? 1 : -1; }
  double worse_by(double other) const { return sign() * (float_value - other); }
  // 0.950 - 0.945 is a little more than 0.005 in binary.
  static constexpr double kRounding = 1e-9;
};

// One thing that the search for a budget did, in order.
struct BudgetStep {
  std::string what;             // "as asked for", "4 layers float", ...
  std::size_t evaluations = 0;  // of the search half, so far
  std::size_t float_layers = 0;
  double value = 0;  // the metric's, on the search half
  double lost = 0;   // what the budget is held against: see CandidateAccuracy
  // That it was judged on, where it was given up before all of the half: both figures are of these.
  std::optional<std::size_t> samples = {};
  bool within = false;
  // In turns with the float model's; only of those that were within, where the target runs here.
  std::optional<MeasuredLatency> latency = {};
  bool kept = false;
  std::string why = {};  // it was kept or not
};

struct BudgetOutcome {
  std::string metric;
  double max_drop = 0;                  // below the float model's value, or answers; see limit
  HalfOutcome search;                   // what the search looked at
  HalfOutcome hold_out;                 // what it never saw
  std::size_t evaluations = 0;          // of the search half
  std::size_t most_evaluations = 0;     // that it might have taken: 4 + 3 log2(layers)
  std::size_t layers = 0;               // that coverage had quantized
  std::vector<std::string> kept_float;  // of these, the most sensitive first
  // What the scheme asked for was changed in, because the budget needs it: "weights per channel".
  std::vector<std::string> scheme_changes;
  // The drop of the first model on the search half, or, if that was too much, the share of its
  // samples that the result gets wrong and the float model right, is within the budget.
  bool met = false;
  std::vector<BudgetStep> steps;
  // Of the result's time, over that of the same model with no layer kept float; nothing where that
  // is the result or the target does not run here.
  std::optional<double> ratio_to_integers = {};
};

struct LatencyOutcome {
  LatencyBudget budget;
  MeasuredLatency first;  // before any layer went back to float
  MeasuredLatency result;
  std::size_t layers = 0;               // that coverage had quantized
  std::vector<std::string> kept_float;  // of these, the most sensitive first
  std::size_t measurements = 0;
  bool met = false;  // false: even the first model is too slow; it is the result
};

// One line of the answer to "what happened to this node, and why".
struct NodeOutcome {
  std::string name;
  std::string op_type;
  std::string decision;  // "quantized", "absorbed", "float"
  std::string reason;
  std::string rules = {};  // of the recipe, that say something of it; empty: none does
};

struct QuantizeResult {
  Model model;
  std::vector<NodeOutcome> nodes;  // of the prepared model, in graph order
  std::vector<std::string> warnings;
  std::string plan_json;  // every scale, zero point, range and calibrator
  std::size_t samples = 0;
  std::vector<MeasuredCoverage> coverages;   // empty unless kFastest measured
  std::vector<RepairOutcome> repairs;        // those asked for, as they were applied
  std::optional<BudgetOutcome> budget = {};  // where there was one to keep
  std::optional<LatencyOutcome> latency_budget = {};
  std::string pixels = {};  // what became of Recipe::pixels, in words; empty: there were none
};

// Runs the whole chain: prepare, place, calibrate, plan, rewrite. Throws Error as its parts do, and
// Error(kInvalidArgument) in a mode that has no use for data.
OCTAVO_API QuantizeResult quantize_model(const Model& model, const Dataset& calibration,
                                         const QuantizeOptions& options);

// The same with statistics made before, of the same model and target: no data, no runs.
OCTAVO_API QuantizeResult quantize_model(const Model& model, const Statistics& statistics,
                                         const QuantizeOptions& options);

// For the modes that need no data: dynamic, weight-only, and float16 and bfloat16 as far as the
// weights tell. Throws Error(kInvalidArgument) for static.
OCTAVO_API QuantizeResult quantize_model(const Model& model, const QuantizeOptions& options);

// The tensors that calibration for this target must observe, and the prepared model that has them.
struct CalibrationTask {
  Model model;
  std::vector<std::string> tensors;
};
OCTAVO_API CalibrationTask calibration_task(const Model& model, const QuantizeOptions& options);

// Decisions without data: what would be quantized, and for every node that would not, why.
OCTAVO_API std::vector<NodeOutcome> inspect_model(const Model& model,
                                                  const QuantizeOptions& options);

}  // namespace octavo
