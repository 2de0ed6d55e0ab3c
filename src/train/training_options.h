// What a person may say of a training: the figures of training_figure_list.inc and the words of
// training_word_list.inc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/config.h"

namespace octavo {

// The defaults are the recipe that docs/train.md explains and measures.
struct TrainingOptions {
  double epochs = 6;
  std::int64_t batch = 64;
  std::int64_t accumulate = 1;
  double learning_rate = 0.001;
  double final_rate = 0.01;
  double warmup = 0.05;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  double clip_norm = 5;
  double scale_rate = 0.1;
  double scale_momentum = 0.5;
  double learn_scales = 0.9;
  double average = 0;
  double label_smoothing = 0;
  double temperature = 1;
  double hold_out = 0.1;
  double evaluate_every = 1;
  std::int64_t patience = 0;
  std::int64_t checkpoint_every = 50;
  std::int64_t crop = 0;
  double flip = 0;
  std::int64_t seed = 1;
  std::int64_t loaders = 1;
  std::int64_t threads = 1;
  // Losses by name, with weights: "cross-entropy:0.5+distillation". Empty: both halves where the
  // data have labels, distillation elsewhere.
  std::string loss;
  std::string features;  // tensors with commas between them; empty: the results of residual Adds
  std::string teacher = "plain";
  std::string device = "cpu";
  std::string precision = "float32";
  bool operator==(const TrainingOptions&) const = default;
};

// One figure, as flags, files and --help name it. One of the two members is null.
struct TrainingFigure {
  std::string_view name;
  std::string_view help;
  double lowest = 0;
  double highest = 0;
  std::int64_t TrainingOptions::* count = nullptr;
  double TrainingOptions::* share = nullptr;
};
std::span<const TrainingFigure> training_figures();

// One choice, likewise.
struct TrainingWord {
  std::string_view name;
  std::string_view help;
  std::string TrainingOptions::* word = nullptr;
};
std::span<const TrainingWord> training_words();

// "--learning-rate" of "learning_rate".
std::string flag_of(std::string_view name);

// Whether training images are shifted or mirrored.
inline bool varies_images(const TrainingOptions& options) {
  return options.crop > 0 || options.flip > 0;
}

// Throws Error(kInvalidArgument), naming the figure, its value and its limits.
void check(const TrainingOptions& options);

// Fills in what the mapping says; the rest stays. Throws Error(kInvalidFile) naming file and line.
void read_training_options(const Config& config, TrainingOptions& options);

// As a JSON mapping that read_training_options() reads.
std::string to_json(const TrainingOptions& options);

}  // namespace octavo
