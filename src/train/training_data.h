// The samples of a training, and which of them it is judged on.
#pragma once

#include <memory>

#include "octavo/dataset.h"
#include "octavo/model.h"
#include "train/sample_order.h"
#include "train/training_task.h"

namespace octavo {

struct TrainingData {
  std::unique_ptr<Dataset> training;
  std::unique_ptr<Dataset> validation;  // null: a part of `training`
  SampleSplit split;

  const Dataset& held_out() const { return validation ? *validation : *training; }
};

// Throws Error as open_dataset() does, and Error(kInvalidArgument) if nothing is left to train on
// or to judge on.
TrainingData open_training_data(const TrainingTask& task, const Model& model);

}  // namespace octavo
