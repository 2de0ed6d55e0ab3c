// Which of a training's states is the one to keep.
#pragma once

#include <cstddef>
#include <span>

#include "train/training_log.h"

namespace octavo {

// Its index. Of the values that so few samples cannot tell from the highest (within its standard
// error, as in Breiman et al. 1984, "Classification and Regression Trees", section 3.4.3), that
// with the least loss, which samples tell apart where a share of right ones does not; the later of
// two equals, as it was trained for longer. What was passed over once stays so, as its state is
// gone. `evaluations` must hold one.
std::size_t best_evaluation(std::span<const TrainingEvaluation> evaluations, std::size_t samples);

}  // namespace octavo
