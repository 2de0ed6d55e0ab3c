#include "octavo/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "calibration/tensor_statistics.h"
#include "octavo/error.h"
#include "pipeline/accuracy_budget.h"
#include "pipeline/coverage.h"
#include "pipeline/decide.h"
#include "pipeline/outcomes.h"
#include "pipeline/quantize_in_mode.h"
#include "placement/placement.h"
#include "plan/plan.h"

namespace octavo {
namespace {

std::vector<std::string> warnings_of(const Placement& placement, const Statistics& statistics,
                                     const Plan& plan) {
  std::vector<std::string> warnings;
  for (const std::string& tensor : placement.observed_tensors()) {
    const Sketch& sketch = statistics.at(tensor).sketch();
    const std::uint64_t bad =
        sketch.nan() + sketch.positive_infinity() + sketch.negative_infinity();
    if (bad > 0) {
      warnings.push_back(
          fmt::format("tensor '{}': {} of {} values are NaN or infinite; they were "
                      "left out of its range",
                      tensor, bad, sketch.count()));
    }
  }
  std::size_t widened = 0;
  for (const PlannedBias& bias : plan.biases) widened += bias.widened_by != 1 ? 1 : 0;
  if (widened > 0) {
    warnings.push_back(
        fmt::format("{} node(s) have channels whose weights are tiny beside their "
                    "bias; those weights got coarser scales so that the bias fits "
                    "int32 (the plan lists them: weight_scale_widened_by)",
                    widened));
  }
  return warnings;
}

// `sample` is what kFastest measures with.
QuantizeResult finish(const Decided& decided, const Statistics& statistics,
                      const QuantizeOptions& options, const Sample& sample) {
  const CoverageTask task{decided.model, decided.profile, options, decided.placement, statistics};
  QuantizeResult result;
  PlannedModel planned;
  if (options.coverage == Coverage::kFastest && has_runtime_here(decided.profile) &&
      !decided.placement.activations.empty()) {
    CoverageChoice choice = choose_fastest(task, sample, *make_executor(decided.profile.runtime));
    planned = std::move(choice.planned);
    result.coverages = std::move(choice.measured);
  } else {
    planned = plan_widest(task);
  }
  if (options.budget) {
    BudgetedModel budgeted = keep_budget(task, std::move(planned), *options.budget,
                                         *make_executor(runtime_for(decided.profile)));
    planned = std::move(budgeted.planned);
    result.budget = std::move(budgeted.outcome);
  }
  result.model = std::move(planned.model);
  result.nodes = outcomes(planned.plan.nodes);
  result.warnings = warnings_of(decided.placement, statistics, planned.plan);
  result.plan_json = to_json(planned.plan);
  return result;
}

// Where there are only statistics: zeros, in the declared shapes, one where a dimension is free.
Sample sample_of_zeros(const Model& model) {
  Sample sample;
  for (const TensorInfo& input : model.inputs()) {
    Shape shape = input.shape;
    for (std::int64_t& length : shape) length = std::max<std::int64_t>(length, 1);
    sample.inputs.emplace_back(input.dtype, std::move(shape));
  }
  sample.name = "zeros";
  return sample;
}

}  // namespace

QuantizeResult quantize_model(const Model& model, const Dataset& calibration,
                              const QuantizeOptions& options) {
  if (options.recipe.mode != Mode::kStatic) {
    return quantize_in_mode(model, &calibration, options);
  }
  const Decided decided = decide(model, options);
  const Statistics statistics = calibrate_decided(decided, calibration, options);
  QuantizeResult result = finish(decided, statistics, options, calibration.at(0));
  result.samples = calibration.size();
  return result;
}

QuantizeResult quantize_model(const Model& model, const Statistics& statistics,
                              const QuantizeOptions& options) {
  if (options.recipe.mode != Mode::kStatic) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("mode {} has no use for statistics; static has",
                            to_string(options.recipe.mode)));
  }
  const Decided decided = decide(model, options);
  require_statistics_of(decided, statistics);
  QuantizeResult result = finish(decided, statistics, options, sample_of_zeros(model));
  result.samples = statistics.sample_count();
  return result;
}

QuantizeResult quantize_model(const Model& model, const QuantizeOptions& options) {
  if (options.recipe.mode != Mode::kStatic) return quantize_in_mode(model, nullptr, options);
  throw Error(ErrorCode::kInvalidArgument,
              "mode static needs calibration data or statistics: the ranges of activations");
}

CalibrationTask calibration_task(const Model& model, const QuantizeOptions& options) {
  Decided decided = decide(model, options);
  return {std::move(decided.model), decided.placement.observed_tensors()};
}

std::vector<NodeOutcome> inspect_model(const Model& model, const QuantizeOptions& options) {
  if (options.recipe.mode != Mode::kStatic) {
    return quantize_in_mode(model, nullptr, options).nodes;
  }
  return outcomes(decide(model, options).placement.nodes);
}

}  // namespace octavo
