#include "prepare/prepare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/graph.h"
#include "octavo/error.h"
#include "octavo/executor.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

constexpr int kOldestTarget = 13;
constexpr int kNewestTarget = 21;
// Every plan shortens or settles something; a pass that still finds work after so many is broken.
constexpr int kMaxPlans = 1000;
constexpr int kMaxRounds = 50;

void check_options(const PrepareOptions& options) {
  const bool is_version = options.opset >= kOldestTarget && options.opset <= kNewestTarget;
  if (options.opset != 0 && !is_version) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("opset {}, expected 0 or {} to {}", options.opset, kOldestTarget,
                            kNewestTarget));
  }
  std::vector<std::string_view> names;
  for (const PassInfo& info : preparation_passes()) names.push_back(info.name);
  for (const std::string& disabled : options.disabled) {
    if (std::find(names.begin(), names.end(), disabled) != names.end()) continue;
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("there is no pass '{}' to disable, expected one of {}", disabled,
                            fmt::join(names, ", ")));
  }
}

// Asks the pass until it finds nothing, and says whether it found anything at all.
bool run_pass(const Pass& pass, Model& model, const PrepareOptions& options, PassReport& report) {
  for (int i = 0; i < kMaxPlans; ++i) {
    const Graph graph(model.proto().graph());
    PassPlan plan = pass.plan({model, graph, options});
    if (plan.changes.empty()) {
      report.refusals = std::move(plan.refusals);
      return i > 0;
    }
    std::move(plan.changes.begin(), plan.changes.end(), std::back_inserter(report.changes));
    std::move(plan.edits).apply(model);
    check_model(model, fmt::format("after pass '{}'", pass.info.name));
  }
  throw std::logic_error(fmt::format("pass '{}' does not come to an end", pass.info.name));
}

bool run_timed(const Pass& pass, Model& model, const PrepareOptions& options, PassReport& report) {
  const auto begin = std::chrono::steady_clock::now();
  const bool changed = run_pass(pass, model, options, report);
  const std::chrono::duration<double, std::micro> elapsed =
      std::chrono::steady_clock::now() - begin;
  report.microseconds += elapsed.count();
  return changed;
}

std::vector<Pass> enabled_passes(const PrepareOptions& options) {
  std::vector<Pass> passes;
  const auto& disabled = options.disabled;
  std::copy_if(
      all_passes().begin(), all_passes().end(), std::back_inserter(passes), [&](const Pass& pass) {
        return std::find(disabled.begin(), disabled.end(), pass.info.name) == disabled.end();
      });
  return passes;
}

}  // namespace

PreparedModel prepare(Model model, const PrepareOptions& options) {
  check_options(options);
  check_model(model, "prepare");
  const std::vector<Pass> passes = enabled_passes(options);
  PreparedModel result;
  for (const Pass& pass : passes) result.passes.emplace_back().pass = pass.info.name;
  for (int round = 0; round < kMaxRounds; ++round) {
    bool changed = false;
    for (std::size_t i = 0; i < passes.size(); ++i) {
      changed |= run_timed(passes[i], model, options, result.passes[i]);
    }
    if (!changed) {
      result.model = std::move(model);
      return result;
    }
  }
  throw std::logic_error("the preparation does not come to an end");
}

std::span<const PassInfo> preparation_passes() {
  static const std::vector<PassInfo> kInfos = [] {
    std::vector<PassInfo> result;
    for (const Pass& pass : all_passes()) result.push_back(pass.info);
    return result;
  }();
  return kInfos;
}

ConstantEvaluator make_constant_evaluator(const Executor& executor) {
  return [&executor](const Model& model) {
    SessionOptions options;
    options.optimization = Optimization::kNone;
    return executor.load(model, options)->run({});
  };
}

}  // namespace octavo
