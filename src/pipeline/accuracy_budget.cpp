#include "pipeline/accuracy_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "onnx/onnx-ml.pb.h"
#include "pipeline/budget_limit.h"
#include "pipeline/fastest_candidate.h"
#include "pipeline/ranked_layers.h"
#include "search/accuracy_drop.h"
#include "search/budget.h"

namespace octavo {
namespace {

constexpr std::size_t kSearchedSchemes = 2;
// Of the evaluations that are left, what the first of them may take.
constexpr double kForTheFirst = 2.0 / 3;

// A whole model that layers may be kept float of.
struct Scheme {
  std::string name;
  const CoverageTask* task = nullptr;
  PlannedModel planned;
  std::optional<BudgetAttempt> attempt;  // owns what `task` refers to; nothing: as asked for
  std::size_t step = 0;                  // of its evaluation
  std::unique_ptr<RankedLayers> layers;
};

// What one step of the history was an evaluation of.
struct Candidate {
  Scheme* scheme = nullptr;
  std::vector<std::size_t> kept_float;
};

class BudgetKeeper {
 public:
  explicit BudgetKeeper(const BudgetTask& task)
      : task_(task),
        accuracy_(task.coverage.reference(), *task.budget.evaluation, task.executor,
                  task.coverage.options.threads, {task.budget.metric, loss_measure(task.budget)}),
        max_lost_(most_lost(task.budget, accuracy_, DataHalf::kSearch)) {}

  BudgetedModel run(PlannedModel first) {
    const AccuracyInHalves found = accuracy_.in_halves(first.model);
    most_evaluations_ = most_evaluations(quantized_layers(first.plan));
    add_scheme({"as asked for", &task_.coverage, std::move(first), {}, 0, nullptr}, found.search);
    for (const PlannedAttempt& attempt : task_.attempts) {
      if (is_met() || steps_.size() == most_evaluations_) break;
      BudgetAttempt made = attempt.make();
      if (is_known(made.planned.model)) continue;  // no repair was kept, say
      const CoverageTask* coverage = made.task.get();
      PlannedModel planned = std::move(made.planned);
      const CandidateAccuracy attempted = accuracy_.of(planned.model, DataHalf::kSearch);
      add_scheme({attempt.name, coverage, std::move(planned), std::move(made), 0, nullptr},
                 attempted);
    }
    if (!is_met()) keep_layers_float();
    const std::size_t chosen = choose();
    return result(chosen, found.hold_out);
  }

 private:
  bool is_met() const {
    return std::any_of(steps_.begin(), steps_.end(), [](const auto& step) { return step.within; });
  }

  bool is_known(const Model& model) const {
    const std::string text = model.proto().SerializeAsString();
    return std::any_of(schemes_.begin(), schemes_.end(), [&](const auto& scheme) {
      return scheme->planned.model.proto().SerializeAsString() == text;
    });
  }

  bool is_within(double lost) const { return lost <= max_lost_ + HalfOutcome::kRounding; }

  void add_step(Candidate candidate, std::string what, double value, double lost) {
    BudgetStep step;
    step.what = std::move(what);
    step.evaluations = steps_.size() + 1;
    step.float_layers = candidate.kept_float.size();
    step.value = value;
    step.lost = lost;
    step.within = is_within(lost);
    steps_.push_back(std::move(step));
    candidates_.push_back(std::move(candidate));
  }

  // What was not chosen among many may make up by what it mends for what it breaks.
  void add_scheme(Scheme scheme, const CandidateAccuracy& found) {
    scheme.step = steps_.size();
    schemes_.push_back(std::make_unique<Scheme>(std::move(scheme)));
    Scheme& added = *schemes_.back();
    added.layers = std::make_unique<RankedLayers>(*added.task, added.planned);
    add_step({&added, {}}, added.name, found.value, found.drop);
  }

  // The schemes that lost least, each with a share of the evaluations that are left.
  void keep_layers_float() {
    std::vector<Scheme*> order;
    for (const auto& scheme : schemes_) order.push_back(scheme.get());
    std::stable_sort(order.begin(), order.end(), [this](const Scheme* a, const Scheme* b) {
      return steps_[a->step].lost < steps_[b->step].lost;
    });
    const std::size_t searched = std::min(order.size(), kSearchedSchemes);
    for (std::size_t i = 0; i < searched; ++i) {
      const std::size_t left = most_evaluations_ - std::min(most_evaluations_, steps_.size());
      const bool last = i + 1 == searched;
      const auto share =
          static_cast<std::size_t>(std::ceil(kForTheFirst * static_cast<double>(left)));
      if (i == 0) {
        order[i]->layers->rank(HalfDataset(*task_.budget.evaluation, DataHalf::kSearch),
                               task_.executor);
      } else {
        order[i]->layers->rank_as(*order.front()->layers);
      }
      search(*order[i], last ? left : share);
    }
  }

  // Of many candidates, some mend by chance what they break elsewhere: what the search may choose
  // must not break too much in the first place.
  void search(Scheme& scheme, std::size_t evaluations) {
    const auto lost_by = [&](const std::vector<std::size_t>& kept) {
      if (kept.empty()) return steps_[scheme.step].lost;
      const CandidateAccuracy found =
          accuracy_.unless_lost(plan({&scheme, kept}).model, DataHalf::kSearch, max_lost_);
      const std::string layers = fmt::format("{} layer{}", kept.size(), kept.size() > 1 ? "s" : "");
      add_step({&scheme, kept}, fmt::format("{}, {} in float", scheme.name, layers), found.value,
               found.lost);
      if (found.samples < accuracy_.samples(DataHalf::kSearch)) {
        steps_.back().samples = found.samples;
      }
      return found.lost;
    };
    // The scheme itself is evaluated already.
    search_budget(scheme.layers->size(), max_lost_ + HalfOutcome::kRounding, lost_by,
                  {evaluations + 1});
  }

  static PlannedModel plan(const Candidate& candidate) {
    if (candidate.kept_float.empty()) return candidate.scheme->planned;
    return candidate.scheme->layers->with_float(candidate.kept_float, "kept for accuracy");
  }

  // The step whose candidate comes out.
  std::size_t choose() {
    if (!is_met()) return choose_nearest();
    std::vector<std::size_t> within;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].within) within.push_back(i);
    }
    std::stable_sort(within.begin(), within.end(), [this](std::size_t a, std::size_t b) {
      return std::tuple(steps_[a].float_layers, how_bad(steps_[a])) <
             std::tuple(steps_[b].float_layers, how_bad(steps_[b]));
    });
    for (const std::size_t i : within) steps_[i].why = "within the budget";
    std::size_t chosen = within.front();
    if (steps_[chosen].float_layers > 0 && has_runtime_here(task_.coverage.profile)) {
      chosen = choose_fastest_of(within);
    } else {
      steps_[chosen].why = "within the budget, the fewest layers in float";
    }
    steps_[chosen].kept = true;
    return chosen;
  }

  // Of two within the budget. Expected losses of a fraction of a sample tell nothing apart that the
  // metric's value does not tell better.
  double how_bad(const BudgetStep& step) const {
    return accuracy_.measure() == LossMeasure::kExpectedAnswers
               ? accuracy_.drop_of(step.value, DataHalf::kSearch)
               : step.lost;
  }

  std::size_t choose_nearest() {
    const auto nearest = std::min_element(
        steps_.begin(), steps_.end(), [](const auto& a, const auto& b) { return a.lost < b.lost; });
    nearest->kept = true;
    nearest->why = "beyond the budget, the nearest to it";
    return static_cast<std::size_t>(nearest - steps_.begin());
  }

  std::size_t choose_fastest_of(std::vector<std::size_t> within) {
    within.resize(std::min(within.size(), kMostTimed));
    std::vector<PlannedModel> models;
    models.push_back(candidates_[within.front()].scheme->planned);
    for (const std::size_t i : within) models.push_back(plan(candidates_[i]));
    const FastestCandidate found =
        fastest_candidate({task_.coverage.reference(), task_.executor, task_.sample,
                           task_.coverage.options.latency_threads},
                          models);
    for (std::size_t i = 0; i < within.size(); ++i) {
      steps_[within[i]].latency = found.candidates[i];
      steps_[within[i]].why = "within the budget, none beats it by 2 % of the time";
      if (i != found.chosen) steps_[within[i]].why = "within the budget, slower or no faster";
    }
    ratio_to_integers_ =
        found.candidates[found.chosen].ratio_to_float / found.integers.ratio_to_float;
    return within[found.chosen];
  }

  HalfOutcome half(DataHalf which, double first, double value, double lost) const {
    HalfOutcome half{accuracy_.samples(which),
                     accuracy_.float_value(which),
                     first,
                     value,
                     budget_limit(task_.budget, accuracy_, which),
                     accuracy_.metric().better};
    if (accuracy_.measure() == LossMeasure::kExpectedAnswers) half.expected_loss = lost;
    return half;
  }

  BudgetedModel result(std::size_t chosen, const CandidateAccuracy& first_held_out) {
    const Candidate& candidate = candidates_[chosen];
    BudgetedModel result{plan(candidate), {}};
    BudgetOutcome& outcome = result.outcome;
    outcome.metric = accuracy_.metric().name;
    outcome.max_drop = std::max(0.0, max_lost_);
    outcome.evaluations = steps_.size();
    outcome.most_evaluations = most_evaluations_;
    outcome.layers = quantized_layers(candidate.scheme->planned.plan);
    for (const std::size_t layer : candidate.kept_float) {
      outcome.kept_float.push_back(candidate.scheme->layers->node(layer));
    }
    if (candidate.scheme->attempt) outcome.scheme_changes = candidate.scheme->attempt->changes;
    outcome.search =
        half(DataHalf::kSearch, steps_.front().value, steps_[chosen].value, steps_[chosen].lost);
    const CandidateAccuracy held_out =
        chosen == 0 ? first_held_out : accuracy_.of(result.planned.model, DataHalf::kHoldOut);
    outcome.hold_out =
        half(DataHalf::kHoldOut, first_held_out.value, held_out.value, held_out.lost);
    outcome.met = steps_[chosen].within;
    outcome.ratio_to_integers = ratio_to_integers_;
    for (BudgetStep& step : steps_) {
      if (!step.why.empty()) continue;
      step.why = step.samples ? fmt::format("beyond the budget, after {} of {} samples",
                                            *step.samples, accuracy_.samples(DataHalf::kSearch))
                              : "beyond the budget";
    }
    outcome.steps = std::move(steps_);
    return result;
  }

  const BudgetTask& task_;
  AccuracyDrop accuracy_;
  double max_lost_;  // on the search half
  std::size_t most_evaluations_ = 0;
  std::vector<std::unique_ptr<Scheme>> schemes_;
  std::vector<BudgetStep> steps_;
  std::vector<Candidate> candidates_;  // by step
  std::optional<double> ratio_to_integers_;
};

}  // namespace

BudgetedModel keep_budget(const BudgetTask& task, PlannedModel first) {
  return BudgetKeeper(task).run(std::move(first));
}

}  // namespace octavo
