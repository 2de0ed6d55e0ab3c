#include "pipeline/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "octavo/error.h"
#include "octavo/executor.h"
#include "plan/apply_recipe.h"
#include "prepare/pass.h"
#include "repair/repair.h"
#include "runtime/stand_in.h"

namespace octavo {
namespace {

ConstantEvaluator evaluator() {
  const std::shared_ptr<Executor> executor = make_stand_in();
  return [executor](const Model& model) {
    SessionOptions options;
    options.optimization = Optimization::kNone;
    return executor->load(model, options)->run(std::span<const Tensor>());
  };
}

}  // namespace

Model prepared(const Model& model, const QuantizeOptions& options, int opset) {
  return prepare(model, PrepareOptions{options.disabled_passes, opset, evaluator()}).model;
}

ExpectedMeans wanted_means(const Model& given, const QuantizeOptions& options, int opset) {
  const std::vector<Repair> repairs = find_repairs(options.repairs, options.recipe.mode);
  if (std::ranges::none_of(repairs, [](const Repair& repair) {
        return repair.info.data == RepairData::kOptional;
      })) {
    return {};
  }
  // BatchNormalization, which tells the means, must still be there.
  QuantizeOptions little = options;
  for (const PassInfo& pass : preparation_passes()) {
    if (pass.effect == PassEffect::kArithmetic) little.disabled_passes.emplace_back(pass.name);
  }
  const Model model = prepared(given, little, opset);
  return expected_means(Graph(model.proto().graph()));
}

Decided decide(const Model& model, const QuantizeOptions& options) {
  if (options.recipe.mode != Mode::kStatic) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("mode {} has no codes for activations to decide on; expected static",
                            to_string(options.recipe.mode)));
  }
  const int opset = apply_recipe(load_profile(options.target), options.recipe).opset;
  Decided decided = decide_prepared(prepared(model, options, opset), options);
  decided.expected = wanted_means(model, options, opset);
  return decided;
}

Decided decide_prepared(Model prepared, const QuantizeOptions& options) {
  Decided decided{
      std::move(prepared), apply_recipe(load_profile(options.target), options.recipe), {}};
  const Graph graph(decided.model.proto().graph());
  decided.placement = place(graph, decided.profile, placement_options(graph, options.recipe));
  return decided;
}

Statistics calibrate_tensors(const Model& model, std::span<const std::string> tensors,
                             const Dataset& data, const QuantizeOptions& options) {
  CalibrationOptions calibration_options;
  calibration_options.threads = options.threads;
  calibration_options.progress = options.progress;
  return calibrate(model, tensors, data, *make_stand_in(), calibration_options);
}

Statistics calibrate_decided(const Decided& decided, const Dataset& data,
                             const QuantizeOptions& options) {
  return calibrate_tensors(decided.model, decided.placement.observed_tensors(), data, options);
}

void require_statistics_of(const Decided& decided, const Statistics& statistics) {
  const std::uint64_t made_of = statistics.model_fingerprint();
  if (made_of == 0 || made_of == fingerprint(decided.model)) return;
  throw Error(ErrorCode::kInvalidArgument,
              "the statistics were made of another model, or of this one prepared otherwise "
              "(another --target or --disable-pass): calibrate again");
}

std::vector<std::string> runtimes_here(const Profile& profile) {
  const std::vector<std::string> built_in = executor_names();
  const auto is_here = [&](const std::string& name) {
    return std::find(built_in.begin(), built_in.end(), name) != built_in.end();
  };
  if (!profile.runs_here() || !is_here(profile.runtime)) return {};
  std::vector<std::string> runtimes = {profile.runtime};
  std::copy_if(profile.other_runtimes.begin(), profile.other_runtimes.end(),
               std::back_inserter(runtimes), is_here);
  return runtimes;
}

bool has_runtime_here(const Profile& profile) { return !runtimes_here(profile).empty(); }

std::unique_ptr<Executor> executor_for(const Profile& profile) {
  return has_runtime_here(profile) ? make_executor(profile.runtime) : make_stand_in();
}

}  // namespace octavo
