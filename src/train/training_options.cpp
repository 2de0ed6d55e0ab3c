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

std::span<const TrainingWord> training_words() {
#define OCTAVO_WORD(name, help) TrainingWord{#name, help, &TrainingOptions::name},
  static constexpr std::array kAll = {
#include "train/training_word_list.inc"
  };
#undef OCTAVO_WORD
  return kAll;
}

std::string flag_of(std::string_view name) {
  std::string flag = "--" + std::string(name);
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
    for (const TrainingWord& word : training_words()) {
      if (const auto value = map.find(word.name)) options.*word.word = value->as_string();
    }
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
  for (const TrainingWord& word : training_words()) json[word.name] = options.*word.word;
  return json.dump(1);
}

}  // namespace octavo
