// Where a model's scores are before its last softmax or sigmoid: losses are computed there.
#pragma once

#include <string>

#include "octavo/model.h"
#include "train/torch.h"

namespace octavo {

// The tensor whose softmax or sigmoid the first output is, whether or not that output is quantized;
// the output itself where neither comes last.
std::string scores_tensor(const Model& model);

// [samples, classes] of whatever shape ends in classes or in ones after them.
at::Tensor as_scores(const at::Tensor& scores);

}  // namespace octavo
