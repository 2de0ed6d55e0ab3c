#include "octavo/select.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <random>
#include <utility>

#include "data/selection.h"
#include "octavo/error.h"
#include "search/clusters.h"
#include "search/sample_features.h"

namespace octavo {
namespace {

constexpr std::array<std::pair<std::string_view, SelectionMethod>, 3> kMethods = {
    {{"cluster", SelectionMethod::kCluster},
     {"random", SelectionMethod::kRandom},
     {"balanced", SelectionMethod::kBalanced}}};

using Picks = std::vector<std::size_t>;

Picks pick_random(std::size_t size, const SelectionOptions& options) {
  Selection selection;
  selection.draw = options.count;
  selection.seed = options.seed;
  return select(selection, size);
}

// One sample of each label in turn, each label's samples in random order.
Picks pick_balanced(const Dataset& dataset, const SelectionOptions& options) {
  std::map<std::int64_t, Picks> by_label;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const Sample sample = dataset.at(i);
    if (!sample.label) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("{}: no label, but a balanced selection needs them", sample.name));
    }
    by_label[*sample.label].push_back(i);
  }
  std::mt19937_64 random(options.seed);
  for (auto& [label, members] : by_label) {
    for (std::size_t i = members.size(); i > 1; --i) {
      std::swap(members[i - 1], members[random() % i]);
    }
  }
  Picks picks;
  for (std::size_t round = 0; picks.size() < options.count; ++round) {
    for (const auto& [label, members] : by_label) {
      if (round < members.size() && picks.size() < options.count) picks.push_back(members[round]);
    }
  }
  return picks;
}

// Of each cluster the sample nearest to its centre, which stands for the others in it; where
// samples coincide and clusters are empty, the first of those left, each for itself.
void pick_from_clusters(const Points& points, const SelectionOptions& options,
                        SampleSelection& selection) {
  const Clusters clusters = cluster(points, options.count, options.seed);
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  Picks nearest(options.count, kNone);
  std::vector<double> distances(options.count, std::numeric_limits<double>::max());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t own = clusters.cluster_of[i];
    const double distance = squared_distance(points[i], clusters.centres[own]);
    if (distance >= distances[own]) continue;
    distances[own] = distance;
    nearest[own] = i;
  }
  Picks& picks = selection.picks;
  std::copy_if(nearest.begin(), nearest.end(), std::back_inserter(picks),
               [](std::size_t pick) { return pick != kNone; });
  for (const std::size_t own : clusters.cluster_of) selection.stand_ins.push_back(nearest[own]);
  for (std::size_t i = 0; picks.size() < options.count; ++i) {
    if (std::find(picks.begin(), picks.end(), i) != picks.end()) continue;
    picks.push_back(i);
    selection.stand_ins[i] = i;
  }
}

}  // namespace

SelectionMethod parse_selection_method(std::string_view name) {
  for (const auto& [word, method] : kMethods) {
    if (word == name) return method;
  }
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("unknown selection method '{}', expected cluster, random or balanced", name));
}

std::string_view to_string(SelectionMethod method) {
  return std::find_if(kMethods.begin(), kMethods.end(),
                      [&](const auto& known) { return known.second == method; })
      ->first;
}

SampleSelection select_samples(const CalibrationTask& task, const Dataset& dataset,
                               const Executor& executor, const SelectionOptions& options) {
  if (options.count == 0 || options.count > dataset.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} samples to select, expected 1 to {}: what the data hold",
                            options.count, dataset.size()));
  }
  const SampleFeatures features = sample_features(task, dataset, executor, options);
  SampleSelection selection;
  selection.alike = alike_samples(features, options.alike_above);
  switch (options.method) {
    case SelectionMethod::kCluster:
      pick_from_clusters(features.activations, options, selection);
      break;
    case SelectionMethod::kRandom:
      selection.picks = pick_random(dataset.size(), options);
      break;
    case SelectionMethod::kBalanced:
      selection.picks = pick_balanced(dataset, options);
      break;
  }
  std::sort(selection.picks.begin(), selection.picks.end());
  return selection;
}

}  // namespace octavo
