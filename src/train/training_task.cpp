#include "train/training_task.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"

namespace octavo {
namespace {

using Json = nlohmann::ordered_json;
using Learning = TrainedActivation::Learning;

constexpr std::array<std::pair<std::string_view, Learning>, 3> kLearnings = {
    {{"none", Learning::kNone},
     {"scale", Learning::kScale},
     {"scale_and_zero_point", Learning::kScaleAndZeroPoint}}};

Json json_of(const TrainedWeight& weight) {
  return {{"node", weight.node},
          {"input", weight.input},
          {"narrow_range", weight.narrow_range},
          {"reduced_bits", weight.reduced_bits}};
}

Json json_of(const TrainedActivation& activation) {
  return {{"tensor", activation.tensor},
          {"group", activation.group},
          {"learning", kLearnings[static_cast<std::size_t>(activation.learning)].first}};
}

template <typename Items>
Json list_of(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(json_of(item));
  return list;
}

TrainedWeight read_weight(const Config& config) {
  TrainedWeight weight;
  config.read_map([&](const Config& map) {
    weight = {map.at("node").as_string(), static_cast<int>(map.at("input").as_integer()),
              map.at("narrow_range").as_bool(),
              static_cast<int>(map.at("reduced_bits").as_integer())};
  });
  return weight;
}

TrainedActivation read_activation(const Config& config) {
  TrainedActivation activation;
  config.read_map([&](const Config& map) {
    activation = {map.at("tensor").as_string(),
                  static_cast<std::size_t>(map.at("group").as_integer()),
                  map.at("learning").as_choice(kLearnings)};
  });
  return activation;
}

}  // namespace

void write_training_task(const TrainingTask& task, const std::filesystem::path& folder) {
  const Json json = {{"training_data", task.training_data},
                     {"validation_data", task.validation_data},
                     {"options", Json::parse(to_json(task.options))},
                     {"weights", list_of(task.weights)},
                     {"activations", list_of(task.activations)}};
  write_file_atomically(folder / kTaskFile, json.dump(1) + "\n");
}

TrainingTask read_training_task(const std::filesystem::path& folder) {
  TrainingTask task;
  Config::read(folder / kTaskFile).read_map([&](const Config& map) {
    task.training_data = map.at("training_data").as_string();
    task.validation_data = map.at("validation_data").as_string();
    read_training_options(map.at("options"), task.options);
    for (const Config& item : map.at("weights").items()) task.weights.push_back(read_weight(item));
    for (const Config& item : map.at("activations").items()) {
      task.activations.push_back(read_activation(item));
    }
  });
  return task;
}

}  // namespace octavo
