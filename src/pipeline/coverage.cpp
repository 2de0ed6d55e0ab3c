#include "pipeline/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <ranges>
#include <utility>

#include "pipeline/moved_statistics.h"
#include "plan/apply_recipe.h"
#include "repair/transplant.h"
#include "rewrite/rewrite.h"
#include "search/fastest_coverage.h"
#include "search/measure_costs.h"
#include "search/timing.h"

namespace octavo {
namespace {

// A conversion between float and integers often costs more than its own kernel: a change of layout
// comes with it. How much more differs, so several factors are tried.
constexpr std::array kConversionFactors = {1.0, 2.0, 4.0};
constexpr double kMeasureSeconds = 3;
constexpr double kWorthIt = 0.98;  // of the time: less than noise is no reason to leave integers

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
  return {std::move(plan), std::move(model)};
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

std::vector<Candidate> make_candidates(const CoverageTask& task, const Graph& graph,
                                       const Sample& sample, const Executor& executor) {
  std::vector<Candidate> candidates;
  candidates.push_back({"widest", plan_widest(task)});
  const CoverageCosts costs =
      measure_costs(task.model, candidates[0].planned.model, task.widest, sample, executor,
                    task.options.latency_threads, task.profile);
  std::vector<KeepFloat> tried = {{}, everything(task.widest)};
  for (const double factor : kConversionFactors) {
    CoverageCosts scaled = costs;
    scaled.conversion_us *= factor;
    scaled.quantize_us_per_element *= factor;
    scaled.dequantize_us_per_element *= factor;
    const KeepFloat kept = fastest_in_float(graph, task.widest, scaled);
    if (std::find(tried.begin(), tried.end(), kept) != tried.end()) continue;
    tried.push_back(kept);
    Candidate candidate{fmt::format("cut, conversions x {}", factor),
                        with_kept_float(task, graph, kept)};
    if (quantized_nodes(candidate.planned.plan) > 0) candidates.push_back(std::move(candidate));
  }
  candidates.push_back({"float", with_kept_float(task, graph, everything(task.widest))});
  return candidates;
}

std::vector<MeasuredCoverage> measure(const std::vector<Candidate>& candidates,
                                      const CoverageTask& task, const Sample& sample,
                                      const Executor& executor) {
  SessionOptions session_options;
  session_options.threads = task.options.latency_threads;
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<TimedSession> timed;
  for (const Candidate& candidate : std::ranges::reverse_view(candidates)) {
    sessions.push_back(executor.load(candidate.planned.model, session_options));
    timed.push_back({sessions.back().get(), sample.inputs});
  }
  const std::vector<Timing> timings = time_sessions(timed, kMeasureSeconds, TimingEnd::kWhenSteady);
  std::vector<MeasuredCoverage> measured;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Timing& timing = timings[candidates.size() - 1 - i];  // float was first
    measured.push_back({candidates[i].name, quantized_nodes(candidates[i].planned.plan),
                        timing.latency.median, timing.ratio_to_first, false});
  }
  return measured;
}

std::size_t fastest(const std::vector<MeasuredCoverage>& measured) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < measured.size(); ++i) {
    if (measured[i].ratio_to_float < kWorthIt * measured[best].ratio_to_float) best = i;
  }
  return best;
}

}  // namespace

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

CoverageChoice choose_fastest(const CoverageTask& task, const Sample& sample,
                              const Executor& executor) {
  const Graph graph(task.model.proto().graph());
  std::vector<Candidate> candidates = make_candidates(task, graph, sample, executor);
  CoverageChoice choice;
  choice.measured = measure(candidates, task, sample, executor);
  const std::size_t best = fastest(choice.measured);
  choice.measured[best].chosen = true;
  choice.planned = std::move(candidates[best].planned);
  return choice;
}

}  // namespace octavo
