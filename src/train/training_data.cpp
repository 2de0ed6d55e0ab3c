#include "train/training_data.h"

#include <fmt/format.h>

#include <vector>

#include "octavo/error.h"

namespace octavo {
namespace {

std::vector<std::size_t> all_of(const Dataset& data) {
  return split_samples(data.size(), 0, 0).training;
}

}  // namespace

TrainingData open_training_data(const TrainingTask& task, const Model& model) {
  TrainingData data;
  data.training = open_dataset(task.training_data, model.inputs());
  if (!task.validation_data.empty()) {
    data.validation = open_dataset(task.validation_data, model.inputs());
    data.split = {all_of(*data.training), all_of(*data.validation)};
  } else {
    data.split = split_samples(data.training->size(), task.options.hold_out,
                               static_cast<std::uint64_t>(task.options.seed));
  }
  if (data.split.training.empty() || data.split.held_out.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} samples to train on and {} to judge on, expected at least one "
                            "of each; hold_out is {}",
                            task.training_data, data.split.training.size(),
                            data.split.held_out.size(), task.options.hold_out));
  }
  return data;
}

}  // namespace octavo
