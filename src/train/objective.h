// What a training makes small: the networks, and the losses between them.
#pragma once

#include <string>
#include <vector>

#include "octavo/model.h"
#include "train/batches.h"
#include "train/features.h"
#include "train/losses.h"
#include "train/precision.h"
#include "train/quantized_network.h"
#include "train/teacher.h"
#include "train/training_task.h"

namespace octavo {

class Objective {
 public:
  // Throws Error as the networks, the losses, the features and the precision do.
  Objective(const QuantizedStart& start, bool labelled);

  const QuantizedNetwork& student() const { return student_; }
  const Teacher& teacher() const { return teacher_; }
  // The losses, as understood.
  std::string text() const { return to_string(losses_); }

  // The mean over the batch's samples, of which there must be one. Throws Error(kInvalidData) for a
  // label that is no class.
  at::Tensor loss(const Batch& batch) const;

 private:
  LossInput compare(const Values& inputs) const;

  at::Device device_;
  Precision precision_;
  double label_smoothing_;
  double temperature_;
  std::vector<WeightedLoss> losses_;
  std::vector<Feature> features_;
  std::size_t scores_;  // where the networks' outputs hold the scores; features come after them
  QuantizedNetwork student_;
  Teacher teacher_;
};

}  // namespace octavo
