#include "pipeline/repair_float.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "pipeline/coverage.h"
#include "runtime/stand_in.h"

namespace octavo {
namespace {

constexpr double kExactDb = 80;  // 1e-4 of the outputs

struct Tried {
  Decided decided;
  Statistics statistics;
  Model quantized;
};

Tried quantized_widely(Decided decided, Statistics statistics, const QuantizeOptions& options) {
  Model quantized =
      plan_widest({decided.model, decided.profile, options, decided.placement, statistics}).model;
  return {std::move(decided), std::move(statistics), std::move(quantized)};
}

std::size_t operators_in(const Model& model) {
  return static_cast<std::size_t>(model.proto().graph().node_size());
}

std::size_t added_operators(const Model& before, const Model& after) {
  return operators_in(after) - std::min(operators_in(before), operators_in(after));
}

class FloatRepairer {
 public:
  FloatRepairer(const Dataset& data, const RepairJudge& judge, const QuantizeOptions& options)
      : data_(data), judge_(judge), executor_(make_stand_in()), options_(options) {}

  RepairOutcome apply(const Repair& repair, Tried& best) const {
    const SampleNoise before = judge_.noise_of(best.quantized);
    RepairOutcome outcome = begin_outcome(repair.info.name, judge_, before);
    const RepairTask task{best.decided.model, judge_.repair_samples(), *executor_,
                          options_.threads};
    std::optional<Tried> winner;
    SampleNoise winner_noise;
    for (FloatProposal& proposal : repair.propose(task)) {
      refuse_inexact(proposal);
      if (proposal.changes.empty()) {
        if (outcome.changes.empty()) outcome.refusals = std::move(proposal.refusals);
        continue;
      }
      Tried tried = quantize(std::move(proposal.model));
      SampleNoise noise = judge_.noise_of(tried.quantized);
      if (winner && mean_db(noise) <= mean_db(winner_noise)) continue;
      winner = std::move(tried);
      winner_noise = std::move(noise);
      outcome.changes = std::move(proposal.changes);
      outcome.refusals = std::move(proposal.refusals);
    }
    if (!winner) return outcome;
    outcome.after_db = mean_db(winner_noise);
    outcome.kept = is_better(winner_noise, before);
    if (!outcome.kept) return outcome;
    outcome.added_operators = added_operators(best.decided.model, winner->decided.model);
    best = std::move(*winner);
    return outcome;
  }

 private:
  // A proposal that claims to compute the same, and does not, is a defect: no harm is done.
  void refuse_inexact(FloatProposal& proposal) const {
    if (proposal.exactness != Exactness::kExact || proposal.changes.empty()) return;
    const double found_db = mean_db(judge_.noise_of(proposal.model));
    if (found_db >= kExactDb) return;
    proposal.changes.clear();
    proposal.refusals.push_back(
        {"", fmt::format("the float model would change: {:.0f} dB, expected {:.0f}", found_db,
                         kExactDb)});
  }

  Tried quantize(Model model) const {
    Decided decided = decide_prepared(std::move(model), options_);
    Statistics statistics = calibrate_decided(decided, data_, options_);
    return quantized_widely(std::move(decided), std::move(statistics), options_);
  }

  const Dataset& data_;
  const RepairJudge& judge_;
  std::unique_ptr<Executor> executor_;
  const QuantizeOptions& options_;
};

}  // namespace

FloatRepairs repair_float(Decided decided, const Dataset& data, std::span<const Repair> repairs,
                          const RepairJudge& judge, const QuantizeOptions& options) {
  FloatRepairs result;
  Statistics statistics = calibrate_decided(decided, data, options);
  Tried best{std::move(decided), std::move(statistics), {}};
  const FloatRepairer repairer(data, judge, options);
  for (const Repair& repair : repairs) {
    if (repair.propose == nullptr) continue;
    if (result.outcomes.empty()) {
      best = quantized_widely(std::move(best.decided), std::move(best.statistics), options);
    }
    result.outcomes.push_back(repairer.apply(repair, best));
  }
  result.decided = std::move(best.decided);
  result.statistics = std::move(best.statistics);
  return result;
}

}  // namespace octavo
