#include "train/training_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr double kHighestCount = 1e9;

}  // namespace

std::span<const TrainingFigure> training_figures() {
#define OCTAVO_COUNT(name, lowest, help) \
  TrainingFigure{#name, help, lowest, kHighestCount, &TrainingOptions::name, nullptr},
#define OCTAVO_SHARE(name, lowest, highest, help) \
  TrainingFigure{#name, help, lowest, highest, nullptr, &TrainingOptions::name},
  static constexpr std::array kAll = {
#include "train/training_figure_list.inc"
  };
#undef OCTAVO_COUNT
#undef OCTAVO_SHARE
  return kAll;
}

std::string flag_of(const TrainingFigure& figure) {
  std::string flag = "--" + std::string(figure.name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

void check(const TrainingOptions& options) {
  for (const TrainingFigure& figure : training_figures()) {
    const double value = figure.count != nullptr ? static_cast<double>(options.*figure.count)
                                                 : options.*figure.share;
    if (value >= figure.lowest && value <= figure.highest) continue;
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("training: {} is {}, expected {} to {}", figure.name, value,
                            figure.lowest, figure.highest));
  }
}

void read_training_options(const Config& config, TrainingOptions& options) {
  config.read_map([&](const Config& map) {
    for (const TrainingFigure& figure : training_figures()) {
      const auto value = map.find(figure.name);
      if (!value) continue;
      if (figure.count != nullptr) {
        options.*figure.count = value->as_integer();
      } else {
        options.*figure.share = value->as_number();
      }
    }
    if (const auto loss = map.find("loss")) options.loss = loss->as_string();
    if (const auto device = map.find("device")) options.device = device->as_string();
  });
}

std::string to_json(const TrainingOptions& options) {
  nlohmann::ordered_json json;
  for (const TrainingFigure& figure : training_figures()) {
    if (figure.count != nullptr) {
      json[figure.name] = options.*figure.count;
    } else {
      json[figure.name] = options.*figure.share;
    }
  }
  json["loss"] = options.loss;
  json["device"] = options.device;
  return json.dump(1);
}

}  // namespace octavo
