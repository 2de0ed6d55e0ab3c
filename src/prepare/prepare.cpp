#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "model/check.h"
#include "octavo/error.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

// A pass that still finds work after so many rounds undoes itself: our bug.
constexpr int kMostRounds = 100;

void check_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto all = all_passes();
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const Pass* pass) { return pass->name == name; });
    if (known) continue;
    std::string list;
    for (const Pass* pass : all) list += (list.empty() ? "" : ", ") + std::string(pass->name);
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("unknown pass '{}', expected one of {}", name, list));
  }
}

PassReport run_pass(const Pass& pass, Model& model, PassContext& context) {
  const auto start = std::chrono::steady_clock::now();
  PassReport report{std::string(pass.name), 0, 0, {}};
  for (int round = 0; round < kMostRounds; ++round) {
    context.refusals.clear();
    const std::size_t changes = pass.run(model.mutable_proto(), context);
    if (changes == 0) break;
    report.changes += changes;
  }
  report.refusals = std::move(context.refusals);
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  report.milliseconds = spent.count();
  if (report.changes > 0) check_model(model, fmt::format("after pass {}", pass.name));
  return report;
}

}  // namespace

std::span<const Pass* const> all_passes() {
#define OCTAVO_PASS(identifier) &identifier##_pass(),
  static const std::array kPasses = {
#include "prepare/pass_list.inc"
  };
#undef OCTAVO_PASS
  return kPasses;
}

Prepared prepare(Model model, const PrepareOptions& options) {
  check_names(options.disabled);
  Prepared result{std::move(model), {}};
  PassContext context{options.evaluate, options.opset, {}};
  for (const Pass* pass : all_passes()) {
    const auto& disabled = options.disabled;
    if (std::find(disabled.begin(), disabled.end(), pass->name) != disabled.end()) continue;
    result.passes.push_back(run_pass(*pass, result.model, context));
  }
  return result;
}

}  // namespace octavo
