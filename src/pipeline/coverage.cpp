#include "pipeline/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <numeric>
#include <ranges>
#include <utility>

#include "pipeline/moved_statistics.h"
#include "plan/apply_recipe.h"
#include "repair/transplant.h"
#include "rewrite/additions_apart.h"
#include "rewrite/padded_channels.h"
#include "rewrite/rewrite.h"
#include "search/fastest_coverage.h"
#include "search/measure_costs.h"
#include "search/several_runtimes.h"
#include "search/timing.h"

namespace octavo {
namespace {

// How node times are weighed against each other for a cut. A conversion between float and integers
// often costs more than its own kernel, as a change of layout comes with it; and a profiler makes
// short nodes look long, which those on integers are. How much differs, so several are tried.
struct Weighing {
  double on_integers = 1;
  double conversions = 1;
};
constexpr std::array<Weighing, 5> kWeighings = {
    {{0.8, 0.5}, {0.8, 1.0}, {1.0, 1.0}, {1.0, 2.0}, {1.0, 4.0}}};
constexpr double kMeasureSeconds = 3;
constexpr std::size_t kFinalists = 4;
constexpr double kWorthIt = 0.98;  // of the time: less than noise is no reason to leave integers

using Executors = std::span<const std::unique_ptr<Executor>>;

struct Candidate {
  std::string name;
  PlannedModel planned;
};

std::size_t quantized_nodes(const Plan& plan) {
  return static_cast<std::size_t>(
      std::count_if(plan.nodes.begin(), plan.nodes.end(),
                    [](const auto& node) { return node.decision == Decision::kQuantized; }));
}

PlannedModel planned(const CoverageTask& task, const Graph& graph, const Placement& placement,
                     const Statistics& statistics) {
  Plan plan = make_plan(graph, placement, statistics, task.profile, task.options.recipe);
  Model model = task.repaired == nullptr
                    ? rewrite(task.model, plan)
                    : rewrite(transplant(task.model, *task.repaired, plan), plan);
  return {std::move(plan), with_channels_of(task, std::move(model))};
}

PlannedModel with_kept_float(const CoverageTask& task, const Graph& graph, const KeepFloat& kept) {
  PlacementOptions options = placement_options(graph, task.options.recipe);
  options.keep_float.insert(kept.begin(), kept.end());
  const Placement placement = place(graph, task.profile, options);
  return planned(task, graph, placement,
                 with_moved_tensors(task.statistics, task.widest, placement));
}

KeepFloat everything(const Placement& placement) {
  KeepFloat kept;
  for (const NodePlacement& node : placement.nodes) {
    if (node.decision == Decision::kQuantized) {
      kept.emplace(node.node, "the whole model is faster in float here");
    }
  }
  return kept;
}

// A set of costs, and what candidates made of it are called.
struct NamedCosts {
  std::string name;
  CoverageCosts costs;
};

// Of each runtime and, where there are several, of all together.
std::vector<NamedCosts> costs_in_all(const CoverageTask& task, const Model& widest,
                                     const Sample& sample, Executors executors) {
  std::vector<CoverageCosts> all;
  for (const auto& executor : executors) {
    all.push_back(measure_costs(task.model, widest, task.widest, sample, *executor,
                                task.options.latency_threads, task.profile));
  }
  if (all.size() == 1) return {{"mixed", std::move(all.front())}};
  std::vector<NamedCosts> named = {{"mixed for all", mean_costs(all)}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    named.push_back({fmt::format("mixed for {}", executors[i]->name()), std::move(all[i])});
  }
  return named;
}

CoverageCosts weighed(CoverageCosts costs, const Weighing& weighing) {
  for (auto& [node, time] : costs.nodes) time.on_integers *= weighing.on_integers;
  costs.conversion *= weighing.conversions;
  costs.quantize_per_element *= weighing.conversions;
  costs.dequantize_per_element *= weighing.conversions;
  return costs;
}

bool same_nodes(const KeepFloat& a, const KeepFloat& b) {
  return std::ranges::equal(std::views::keys(a), std::views::keys(b));
}

std::vector<Candidate> make_candidates(const CoverageTask& task, const Graph& graph,
                                       const Sample& sample, Executors executors) {
  std::vector<Candidate> candidates;
  const char* widest = task.least_channels > 0 ? "widest, channels padded" : "widest";
  candidates.push_back({widest, plan_widest(task)});
  std::vector<KeepFloat> tried = {{}, everything(task.widest)};
  for (const auto& [name, costs] :
       costs_in_all(task, candidates[0].planned.model, sample, executors)) {
    for (const Weighing& weighing : kWeighings) {
      const KeepFloat kept = fastest_in_float(graph, task.widest, weighed(costs, weighing));
      const bool known =
          std::ranges::any_of(tried, [&](const KeepFloat& own) { return same_nodes(own, kept); });
      if (known) continue;
      tried.push_back(kept);
      Candidate candidate{name, with_kept_float(task, graph, kept)};
      const std::size_t quantized = quantized_nodes(candidate.planned.plan);
      candidate.name += fmt::format(", {} nodes", quantized);
      if (quantized > 0) candidates.push_back(std::move(candidate));
    }
  }
  candidates.push_back({"float", with_kept_float(task, graph, everything(task.widest))});
  return candidates;
}

// In the order of `candidates`.
std::vector<MeasuredLatency> measure(const std::vector<Candidate>& candidates,
                                     const CoverageTask& task, const Sample& sample,
                                     const Executor& executor) {
  SessionOptions session_options;
  session_options.threads = task.options.latency_threads;
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<TimedSession> timed;
  for (const Candidate& candidate : std::ranges::reverse_view(candidates)) {  // float first
    sessions.push_back(executor.load(candidate.planned.model, session_options));
    timed.push_back({sessions.back().get(), sample.inputs});
  }
  const std::vector<Timing> timings =
      time_sessions(timed, {kMeasureSeconds, task.options.latency_threads, TimingEnd::kWhenChosen});
  std::vector<MeasuredLatency> measured;
  for (const Timing& timing : std::ranges::reverse_view(timings)) {
    measured.push_back({timing.milliseconds, timing.ratio_to_first});
  }
  return measured;
}

bool same_operators(const Model& a, const Model& b) {
  return std::ranges::equal(
      a.proto().graph().node(), b.proto().graph().node(),
      [](const auto& left, const auto& right) { return left.op_type() == right.op_type(); });
}

// By runtime and candidate.
using Ratios = std::vector<std::vector<double>>;

// Adds what was measured to `measured`, one entry a candidate.
Ratios measure_in_all(const std::vector<Candidate>& candidates, const CoverageTask& task,
                      const Sample& sample, Executors executors,
                      std::vector<MeasuredCoverage>& measured) {
  const std::size_t first = measured.size();
  for (const Candidate& candidate : candidates) {
    measured.push_back({candidate.name, quantized_nodes(candidate.planned.plan)});
  }
  Ratios ratios(executors.size());
  for (std::size_t runtime = 0; runtime < executors.size(); ++runtime) {
    const Executor& executor = *executors[runtime];
    const std::vector<MeasuredLatency> latencies = measure(candidates, task, sample, executor);
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      ratios[runtime].push_back(latencies[i].ratio_to_float);
      MeasuredCoverage& coverage = measured[first + i];
      if (runtime == 0) {
        coverage.latency_ms = latencies[i].milliseconds;
        coverage.ratio_to_float = latencies[i].ratio_to_float;
      } else {
        coverage.elsewhere.emplace(executor.name(), latencies[i]);
      }
    }
  }
  return ratios;
}

// The indices of the best but float, which is the last, in their order; and float's.
std::vector<std::size_t> finalists(const Ratios& ratios) {
  const std::vector<double> behind = regrets(ratios);
  std::vector<std::size_t> order(behind.size() - 1);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return behind[i]; });
  order.resize(std::min(order.size(), kFinalists));
  std::ranges::sort(order);
  order.push_back(behind.size() - 1);
  return order;
}

// The fewer take turns, the more turns each has: where there are many, the best are measured once
// more. Returns the index of the one to take.
std::size_t choose_measured(const std::vector<Candidate>& candidates, const CoverageTask& task,
                            const Sample& sample, Executors executors,
                            std::vector<MeasuredCoverage>& measured) {
  const Ratios ratios = measure_in_all(candidates, task, sample, executors, measured);
  if (candidates.size() <= kFinalists + 1) return least_regret(ratios, kWorthIt);
  const std::vector<std::size_t> chosen = finalists(ratios);
  std::vector<Candidate> best;
  for (const std::size_t i : chosen) best.push_back(candidates[i]);
  std::vector<MeasuredCoverage> again;
  const Ratios settled = measure_in_all(best, task, sample, executors, again);
  for (std::size_t i = 0; i < chosen.size(); ++i) measured[chosen[i]] = std::move(again[i]);
  return chosen[least_regret(settled, kWorthIt)];
}

// Measures `chosen` with additions apart beside `chosen` itself and `in_float`. What is measured of
// these two is not kept: they are listed already.
void try_additions_apart(const CoverageTask& task, const Sample& sample, Executors executors,
                         const std::vector<Candidate>& chosen_and_float, CoverageChoice& choice) {
  const std::vector<std::string>& readers = task.profile.fuses_additions_into;
  if (readers.empty()) return;
  const Candidate& chosen = chosen_and_float.front();
  Candidate apart{chosen.name + ", additions apart", chosen.planned};
  apart.planned.model = with_additions_apart(std::move(apart.planned.model), readers);
  if (same_operators(apart.planned.model, chosen.planned.model)) return;
  const std::vector<Candidate> candidates = {chosen, std::move(apart), chosen_and_float.back()};
  std::vector<MeasuredCoverage> measured;
  const Ratios ratios = measure_in_all(candidates, task, sample, executors, measured);
  choice.additions_apart = least_regret(ratios, kWorthIt) == 1;
  choice.measured.push_back(std::move(measured[1]));
}

// Measures the widest split with its channels padded beside it as it is and `in_float`. What is
// measured of the one that is not taken is kept.
int choose_channels(const CoverageTask& task, const Graph& graph, const Sample& sample,
                    Executors executors, std::vector<MeasuredCoverage>& measured) {
  if (task.profile.least_conv_channels == 0) return 0;
  CoverageTask padded = task;
  padded.least_channels = task.profile.least_conv_channels;
  std::vector<Candidate> candidates;
  candidates.push_back({"widest", plan_widest(task)});
  candidates.push_back({"widest, channels padded", plan_widest(padded)});
  if (same_operators(candidates[0].planned.model, candidates[1].planned.model)) return 0;
  candidates.push_back({"float", with_kept_float(task, graph, everything(task.widest))});
  std::vector<MeasuredCoverage> found;
  const bool pays =
      least_regret(measure_in_all(candidates, task, sample, executors, found), kWorthIt) == 1;
  if (pays) found[0].name = "widest, channels as they are";
  measured.push_back(std::move(found[pays ? 0 : 1]));
  return pays ? padded.least_channels : 0;
}

}  // namespace

Model with_channels_of(const CoverageTask& task, Model model) {
  if (task.least_channels == 0) return model;
  return with_padded_channels(std::move(model), task.least_channels);
}

PlannedModel plan_widest(const CoverageTask& task) {
  const Graph graph(task.model.proto().graph());
  return planned(task, graph, task.widest, task.statistics);
}

PlannedModel plan_with_kept_float(const CoverageTask& task, const KeepFloat& kept) {
  return with_kept_float(task, Graph(task.model.proto().graph()), kept);
}

KeepFloat kept_by_coverage(const CoverageTask& task, const Plan& plan) {
  KeepFloat kept;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const bool could = task.widest.nodes[i].decision == Decision::kQuantized;
    if (could && plan.nodes[i].decision == Decision::kFloat) {
      kept.emplace(plan.nodes[i].node, plan.nodes[i].reason);
    }
  }
  return kept;
}

CoverageChoice choose_fastest(const CoverageTask& wanted, const Sample& sample,
                              std::span<const std::unique_ptr<Executor>> executors) {
  const Graph graph(wanted.model.proto().graph());
  CoverageChoice choice;
  std::vector<MeasuredCoverage> other_channels;
  CoverageTask task = wanted;
  task.least_channels = choose_channels(wanted, graph, sample, executors, other_channels);
  choice.least_channels = task.least_channels;
  std::vector<Candidate> candidates = make_candidates(task, graph, sample, executors);
  const std::size_t best = choose_measured(candidates, task, sample, executors, choice.measured);
  try_additions_apart(task, sample, executors, {candidates[best], candidates.back()}, choice);
  (choice.additions_apart ? choice.measured.back() : choice.measured[best]).chosen = true;
  choice.measured.insert(choice.measured.begin() + 1, other_channels.begin(), other_channels.end());
  choice.planned = std::move(candidates[best].planned);
  return choice;
}

}  // namespace octavo
