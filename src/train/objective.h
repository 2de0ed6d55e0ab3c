// What a training makes small: the networks, and the losses between them.
#pragma once

#include <span>
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

  struct Judged {
    Values outputs;   // of the student
    at::Tensor loss;  // one number, where the network is
  };
  // The same in float32 and without gradients, with the outputs that it is of. Where the samples
  // have no labels, losses that need some are left out; distillation stands for them if none is
  // left.
  Judged judge(const Batch& batch) const;

 private:
  // The student's outputs, its scores and features, and what `losses` compare them with.
  LossInput compare(const Values& inputs, const Values& student,
                    std::span<const WeightedLoss> losses) const;
  void add_labels(const Batch& batch, LossInput& input) const;

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
