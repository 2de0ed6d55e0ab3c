// How many right answers a model is expected to lose, told without labels from its scores and the
// float model's: a budget in points of accuracy, kept without labels.
#pragma once

#include <span>
#include <string_view>

#include "octavo/tensor.h"

namespace octavo {

// By how much a sample's score of the float model's class is above the best of the others, in the
// float model and in the one that is judged. Below 0: another class. In logits, so that the float
// model takes its class for exp(before) times as likely as the next one.
struct AnswerMargin {
  double before = 0;
  double after = 0;
};

// Of one score a class, before the softmax or after it (then by their logarithms). Throws
// Error(kInvalidData), naming the sample, where the outputs are no such scores.
AnswerMargin answer_margin(const Tensor& float_output, const Tensor& output,
                           std::string_view sample);

// The share of the samples that the float model gets right and the judged one is expected not to.
// Each sample meets its own change of the margin and those of its neighbours (the samples with the
// likest margins, a twentieth of all), so that the few samples at the border do not decide alone;
// where a change turns its answer, it counts by how likely the float model's class was the right
// one of the two, exp(before) / (1 + exp(before)). That is between a half and all of what turns:
// a network that is too sure of itself is judged too strictly, one that doubts too much at worst
// twice too mildly. 0 for an equal model; what is not a number is lost.
double expected_loss(std::span<const AnswerMargin> margins);

}  // namespace octavo
