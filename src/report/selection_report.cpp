#include "report/selection_report.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "report/thumbnail.h"

namespace octavo {
namespace {

constexpr std::size_t kShownPicks = 8;
constexpr std::size_t kShownOfGroup = 2;
constexpr std::size_t kShownDropped = 24;
constexpr std::size_t kShownPairs = 3;
constexpr std::int64_t kPictureSide = 44;

// Describes samples, with pictures as long as there is room.
class Describer {
 public:
  explicit Describer(const Dataset& dataset) : dataset_(dataset) {}

  Json operator()(std::size_t index) {
    const Sample sample = dataset_.at(index);
    Json json = {{"index", index}, {"name", sample.name}};
    if (sample.label) json["label"] = *sample.label;
    const std::string picture =
        sample.inputs.empty() ? "" : thumbnail(sample.inputs.front(), kPictureSide);
    if (picture.empty() || picture.size() > room_) return json;
    room_ -= picture.size();
    json["thumbnail"] = picture;
    return json;
  }

 private:
  const Dataset& dataset_;
  std::size_t room_ = kMostPictureBytes;
};

using Groups = std::vector<std::pair<std::size_t, std::vector<std::size_t>>>;

// Each pick with what it stands for, the largest group first.
Groups groups_of(const SampleSelection& selection) {
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (const std::size_t pick : selection.picks) members[pick];
  for (std::size_t i = 0; i < selection.stand_ins.size(); ++i) {
    if (selection.stand_ins[i] != i) members[selection.stand_ins[i]].push_back(i);
  }
  Groups groups(members.begin(), members.end());
  std::ranges::stable_sort(groups, std::ranges::greater{},
                           [](const auto& group) { return group.second.size(); });
  return groups;
}

Json picks_json(const Groups& groups, Describer& describe) {
  Json shown = Json::array();
  for (std::size_t i = 0; i < std::min(groups.size(), kShownPicks); ++i) {
    const auto& [pick, others] = groups[i];
    Json json = describe(pick);
    json["stands_for"] = others.size();
    json["others"] = Json::array();
    for (std::size_t k = 0; k < std::min(others.size(), kShownOfGroup); ++k) {
      json["others"].push_back(describe(others[k]));
    }
    shown.push_back(std::move(json));
  }
  return shown;
}

// What no group shows.
Json dropped_json(const SampleSelection& selection, std::size_t samples, Describer& describe) {
  Json shown = Json::array();
  if (!selection.stand_ins.empty()) return shown;
  for (std::size_t i = 0; i < samples && shown.size() < kShownDropped; ++i) {
    if (!std::ranges::binary_search(selection.picks, i)) shown.push_back(describe(i));
  }
  return shown;
}

Json alike_json(const std::vector<AlikeSamples>& alike, Describer& describe) {
  Json shown = Json::array();
  for (std::size_t i = 0; i < std::min(alike.size(), kShownPairs); ++i) {
    shown.push_back({{"correlation", json_number(alike[i].correlation)},
                     {"first", describe(alike[i].first)},
                     {"second", describe(alike[i].second)}});
  }
  return {{"pairs", alike.size()},
          {"identical", std::ranges::count(alike, 1.0, &AlikeSamples::correlation)},
          {"shown", std::move(shown)}};
}

}  // namespace

Json selection_json(const SampleSelection& selection, const SelectionOptions& options,
                    const Dataset& dataset) {
  Describer describe(dataset);
  Json picks = picks_json(groups_of(selection), describe);
  Json alike = alike_json(selection.alike, describe);
  return {{"method", to_string(options.method)},
          {"seed", options.seed},
          {"samples", dataset.size()},
          {"chosen", selection.picks.size()},
          {"picks", std::move(picks)},
          {"dropped", dropped_json(selection, dataset.size(), describe)},
          {"alike", std::move(alike)}};
}

}  // namespace octavo
