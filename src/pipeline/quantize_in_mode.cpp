#include "pipeline/quantize_in_mode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "model/graph.h"
#include "modes/half_plan.h"
#include "modes/select_weights.h"
#include "modes/write_weights.h"
#include "octavo/error.h"
#include "octavo/statistics.h"
#include "pipeline/decide.h"
#include "pipeline/doubts.h"
#include "pipeline/outcomes.h"
#include "pipeline/repair_judge.h"
#include "pipeline/repair_weights.h"
#include "placement/profile.h"
#include "plan/resolve_rules.h"
#include "repair/repair.h"
#include "runtime/stand_in.h"

namespace octavo {
namespace {

void warn_if_nothing(const std::vector<NodePlacement>& nodes, Mode mode, QuantizeResult& result) {
  const bool any = std::any_of(nodes.begin(), nodes.end(), [](const NodePlacement& node) {
    return node.decision == Decision::kQuantized;
  });
  if (any) return;
  result.warnings.push_back(
      fmt::format("mode {} found nothing to do: `octavo inspect --mode {}` says why of every node",
                  to_string(mode), to_string(mode)));
}

struct WantedRepairs {
  const Dataset* calibration = nullptr;  // null: none of the repairs needs any
  std::span<const Repair> repairs;
};

// Changes `weights`, and puts what they came to into `result`.
void repair(const Model& given, const WantedRepairs& wanted, const QuantizeOptions& options,
            int opset, RepairedWeights& weights, QuantizeResult& result) {
  const auto executor = make_stand_in();
  const Model reference = weights.model;
  std::optional<RepairJudge> judge;
  if (wanted.calibration != nullptr) {
    judge.emplace(reference, *wanted.calibration, *executor, options.threads);
    result.samples = wanted.calibration->size();
  }
  WeightRepairs repaired = repair_weights({judge ? &*judge : nullptr, *executor, options.recipe,
                                           options.threads, wanted_means(given, options, opset)},
                                          std::move(weights), wanted.repairs);
  weights = std::move(repaired.repaired);
  result.model = std::move(repaired.quantized);
  result.repairs = std::move(repaired.outcomes);
}

QuantizeResult quantize_weights(const Model& model, const Profile& profile,
                                const WantedRepairs& wanted, const QuantizeOptions& options) {
  const int opset = opset_of(profile, options.recipe);
  RepairedWeights weights{prepared(model, options, opset), {}, {}};
  {
    const Graph graph(weights.model.proto().graph());
    weights.selection = select_weights(graph, profile, options.recipe);
    weights.plan = plan_weights(graph, weights.selection, options.recipe);
  }
  QuantizeResult result;
  if (wanted.repairs.empty()) {
    result.model = write_weights(weights.model, weights.plan);
  } else {
    repair(model, wanted, options, opset, weights, result);
  }
  result.nodes = outcomes(weights.plan.nodes);
  result.plan_json = to_json(weights.plan);
  warn_if_nothing(weights.plan.nodes, options.recipe.mode, result);
  return result;
}

// With data, values that do not fit are found where they arise; without, among the constants.
QuantizeResult quantize_to_half(const Model& model, const Profile& profile,
                                const Dataset* calibration, const QuantizeOptions& options) {
  const Model source = prepared(model, options, profile.opset);
  const Graph graph(source.proto().graph());
  QuantizeResult result;
  std::optional<Statistics> statistics;
  if (calibration != nullptr) {
    statistics = calibrate_tensors(source, float_tensors(graph), *calibration, options);
    result.samples = calibration->size();
  }
  const HalfPlan plan =
      select_half(graph, profile, options.recipe, statistics ? &*statistics : nullptr);
  result.model = write_half(source, plan);
  result.nodes = outcomes(plan.nodes);
  result.plan_json = to_json(plan);
  warn_if_nothing(plan.nodes, options.recipe.mode, result);
  return result;
}

void refuse(Mode mode, std::string_view what) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("mode {} has no use for {}", to_string(mode), what));
}

std::vector<std::string_view> repair_names(Mode mode) {
  std::vector<std::string_view> names;
  for (const RepairInfo& info : repairs()) {
    if (info.works_in(mode)) names.push_back(info.name);
  }
  return names;
}

QuantizeResult with_doubts(QuantizeResult result, const Model& model) {
  Doubts doubts = doubts_of_model(model);
  std::move(doubts.begin(), doubts.end(), std::back_inserter(result.warnings));
  return result;
}

void check_rule(const Rule& rule, const Recipe& recipe, bool is_half) {
  const auto of_rule = [&](std::string_view what) {
    return fmt::format("{} (rule '{}')", what, rule.text);
  };
  if (!is_empty(rule.activation)) refuse(recipe.mode, of_rule("settings of activations"));
  if (rule.weight.granularity) refuse(recipe.mode, of_rule("a granularity"));
  if (is_half && !is_empty(rule.weight)) refuse(recipe.mode, of_rule("settings of weights"));
}

void check_recipe(const Recipe& recipe) {
  const bool is_half = recipe.mode == Mode::kFloat16 || recipe.mode == Mode::kBfloat16;
  for (const Rule& rule : recipe.rules) check_rule(rule, recipe, is_half);
  if (recipe.input_dtype || recipe.pixels) refuse(recipe.mode, "a type of inputs");
  if (recipe.output_dtype) refuse(recipe.mode, "a type of outputs");
  if (recipe.least_layer_sqnr_db) refuse(recipe.mode, "a least signal to noise of layers");
  if (recipe.activation_dtype) refuse(recipe.mode, "a type of activations");
  if (recipe.activation_symmetry) refuse(recipe.mode, "a symmetry of activations");
  if (recipe.weight_granularity) refuse(recipe.mode, "a granularity: blocks have --block-size");
  if (is_half && recipe.weight_dtype) refuse(recipe.mode, "a type of weights");
  if (is_half && recipe.weight_symmetry) refuse(recipe.mode, "a symmetry of weights");
  if (is_half && recipe.block_size) refuse(recipe.mode, "blocks");
}

}  // namespace

QuantizeResult quantize_in_mode(const Model& model, const Dataset* calibration,
                                const QuantizeOptions& options) {
  const Mode mode = options.recipe.mode;
  const Profile profile = load_profile(options.target);
  profile.mode_rules(mode);  // a mode that the target lacks is the first thing to say
  check_recipe(options.recipe);
  if (options.budget) refuse(mode, "an accuracy budget");
  const std::vector<Repair> repairs = find_repairs(options.repairs, mode);
  if (mode == Mode::kFloat16 || mode == Mode::kBfloat16) {
    return with_doubts(quantize_to_half(model, profile, calibration, options), model);
  }
  if (calibration != nullptr && repairs.empty()) {
    refuse(mode, fmt::format("calibration data without repairs; expected one of {}",
                             fmt::join(repair_names(mode), ", ")));
  }
  if (calibration == nullptr) require_no_data(repairs, "there are none");
  return with_doubts(quantize_weights(model, profile, {calibration, repairs}, options), model);
}

}  // namespace octavo
