#include "octavo/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "octavo/error.h"
#include "pipeline/accuracy_budget.h"
#include "pipeline/budget_attempts.h"
#include "pipeline/coverage.h"
#include "pipeline/decide.h"
#include "pipeline/doubts.h"
#include "pipeline/evidence.h"
#include "pipeline/latency_budget.h"
#include "pipeline/noisy_layers.h"
#include "pipeline/outcomes.h"
#include "pipeline/pixel_input.h"
#include "pipeline/quantize_in_mode.h"
#include "pipeline/repair_codes.h"
#include "pipeline/repair_float.h"
#include "pipeline/repair_judge.h"
#include "placement/placement.h"
#include "plan/plan.h"
#include "repair/repair.h"
#include "rewrite/additions_apart.h"
#include "rewrite/quantized_io.h"
#include "runtime/stand_in.h"

namespace octavo {
namespace {

void require_latency_here(const Profile& profile, const QuantizeOptions& options) {
  if (!options.latency_budget) return;
  if (options.budget) {
    throw Error(ErrorCode::kInvalidArgument,
                "a budget of accuracy and one of latency: expected one of the two");
  }
  if (!has_runtime_here(profile)) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("target '{}' does not run here, so its latency cannot be measured",
                            profile.name));
  }
}

void begin_stage(const QuantizeOptions& options, std::string_view name) {
  if (options.stage) options.stage(name);
}

void add_doubts(Doubts doubts, QuantizeResult& result) {
  std::move(doubts.begin(), doubts.end(), std::back_inserter(result.warnings));
}

// What a quantization starts from, once the ranges are known.
struct Calibrated {
  const Decided& decided;
  const Statistics& statistics;
  const QuantizeOptions& options;
  const Sample& sample;        // what latency is measured with
  const Dataset* calibration;  // null: there were only statistics
};

// Repairs that change codes, and what they are judged by.
struct WantedRepairs {
  const Model& original;     // prepared
  const RepairJudge* judge;  // null: there are no samples
  std::span<const Repair> repairs;
  const ExpectedMeans& expected;
};

CoverageChoice choose_coverage(const CoverageTask& task, const Sample& sample) {
  begin_stage(task.options, "choose coverage");
  if (task.options.coverage != Coverage::kFastest || !has_runtime_here(task.profile) ||
      task.widest.activations.empty()) {
    return {plan_widest(task), {}};
  }
  std::vector<std::unique_ptr<Executor>> executors;
  for (const std::string& name : runtimes_here(task.profile)) {
    executors.push_back(make_executor(name));
  }
  return choose_fastest(task, sample, executors);
}

// `repair` may be null.
QuantizeResult finish(const Calibrated& from, const WantedRepairs* repair) {
  const auto& [decided, statistics, options, sample, calibration] = from;
  CoverageTask task{decided.model, decided.profile, options, decided.placement, statistics};
  QuantizeResult result;
  CoverageChoice choice = choose_coverage(task, sample);
  PlannedModel planned = std::move(choice.planned);
  result.coverages = std::move(choice.measured);
  task.least_channels = choice.least_channels;
  CodeRepairs repaired;
  if (repair != nullptr) {
    begin_stage(options, "repair");
    repaired = repair_codes(
        {decided.model, repair->judge, *make_stand_in(), options.threads, repair->expected},
        std::move(planned.plan), repair->repairs);
    planned = {repaired.repaired.plan, with_channels_of(task, std::move(repaired.quantized))};
    result.repairs = std::move(repaired.outcomes);
    task.repaired = &repaired.repaired;
    task.original = &repair->original;
  }
  if (options.budget) {
    begin_stage(options, "keep budget");
    const Plan first = planned.plan;
    const auto executor = executor_for(decided.profile);
    const auto attempts = budget_attempts(task, first, repair == nullptr ? nullptr : repair->judge);
    BudgetedModel budgeted =
        keep_budget({task, attempts, *options.budget, *executor, sample}, std::move(planned));
    planned = std::move(budgeted.planned);
    result.budget = std::move(budgeted.outcome);
  }
  if (options.latency_budget) {
    begin_stage(options, "keep budget");
    LatencyBudgetedModel budgeted =
        keep_latency(task, std::move(planned), *options.latency_budget, {*calibration, sample},
                     *make_executor(decided.profile.runtime));
    planned = std::move(budgeted.planned);
    result.latency_budget = std::move(budgeted.outcome);
  }
  if (choice.additions_apart) {
    planned.model =
        with_additions_apart(std::move(planned.model), decided.profile.fuses_additions_into);
  }
  if (options.explain) {
    options.explain({decided.model, decided.profile, decided.placement, statistics, planned.plan,
                     planned.model, sample, repair == nullptr ? decided.model : repair->original,
                     calibration});
  }
  result.model = with_quantized_io(std::move(planned.model), planned.plan, options.recipe);
  result.nodes = outcomes(planned.plan.nodes);
  result.warnings = doubts_of_ranges(decided.model, decided.placement, statistics, planned.plan);
  result.plan_json = to_json(planned.plan);
  if (result.coverages.empty()) add_doubts(doubts_of_nodes(planned.plan.nodes), result);
  return result;
}

QuantizeResult quantize_and_repair(Decided decided, const Dataset& calibration,
                                   const QuantizeOptions& options) {
  const std::vector<Repair> repairs = find_repairs(options.repairs, Mode::kStatic);
  const Model original = decided.model;
  const ExpectedMeans expected = decided.expected;
  const auto executor = make_stand_in();
  const RepairJudge judge(original, calibration, *executor, options.threads);
  FloatRepairs floats = repair_float(std::move(decided), calibration, repairs, judge, options);
  const WantedRepairs wanted{original, &judge, repairs, expected};
  const QuantizeOptions settled = exclude_noisy_layers(floats.decided, floats.statistics, options);
  QuantizeResult result = finish(
      {floats.decided, floats.statistics, settled, calibration.at(0), &calibration}, &wanted);
  result.repairs.insert(result.repairs.begin(), floats.outcomes.begin(), floats.outcomes.end());
  return result;
}

QuantizeResult quantize_decided(Decided decided, const Dataset& calibration,
                                const QuantizeOptions& options) {
  begin_stage(options, "calibrate");
  if (!options.repairs.empty()) {
    return quantize_and_repair(std::move(decided), calibration, options);
  }
  Statistics statistics = calibrate_decided(decided, calibration, options);
  const QuantizeOptions settled = exclude_noisy_layers(decided, statistics, options);
  return finish({decided, statistics, settled, calibration.at(0), &calibration}, nullptr);
}

// From here on the data are pixels, less one; the metadata say what they mean to the caller.
QuantizeResult quantize_folded(PixelInput input, const Dataset& calibration,
                               const QuantizeOptions& options) {
  const auto in_pixels = [&](const Dataset& images) {
    return PixelDataset(images, input.index, input.meaning, input.zero_pixel);
  };
  QuantizeOptions inner = options;
  inner.recipe = folded_recipe(options.recipe, input);
  std::optional<PixelDataset> evaluation;
  if (inner.budget && inner.budget->evaluation != nullptr) {
    evaluation.emplace(in_pixels(*inner.budget->evaluation));
    inner.budget->evaluation = &*evaluation;
  }
  QuantizeResult result = quantize_decided(std::move(input.decided), in_pixels(calibration), inner);
  set_io_params(result.model.mutable_proto(), input.name, input.meaning);
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
  begin_stage(options, "prepare");
  Decided decided = decide(model, options);
  require_latency_here(decided.profile, options);
  PixelChoice pixels = choose_pixel_input(decided, options);
  QuantizeResult result = pixels.folded
                              ? quantize_folded(std::move(*pixels.folded), calibration, options)
                              : quantize_decided(std::move(decided), calibration, options);
  result.pixels = std::move(pixels.text);
  add_doubts(doubts_of_model(model), result);
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
  const std::vector<Repair> repairs = find_repairs(options.repairs, Mode::kStatic);
  require_no_data(repairs, "there are only statistics");
  if (options.latency_budget) {
    throw Error(ErrorCode::kInvalidArgument,
                "a latency budget ranks layers on calibration data, and there are only statistics");
  }
  begin_stage(options, "prepare");
  Decided decided = decide(model, options);
  require_statistics_of(decided, statistics);
  Statistics seen = statistics;
  const QuantizeOptions settled = exclude_noisy_layers(decided, seen, options);
  const Model original = decided.model;
  const WantedRepairs wanted{original, nullptr, repairs, decided.expected};
  QuantizeResult result = finish({decided, seen, settled, sample_of_zeros(model), nullptr},
                                 repairs.empty() ? nullptr : &wanted);
  add_doubts(doubts_of_model(model), result);
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
