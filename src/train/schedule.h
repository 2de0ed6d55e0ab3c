// How fast the weights move, step by step.
#pragma once

#include <cstdint>

#include "train/training_options.h"

namespace octavo {

// Rises evenly to options.learning_rate, then follows half a cosine down to final_rate of it.
// Source: Loshchilov & Hutter 2017 (arXiv 1608.03983) equation (5), one cycle.
double learning_rate_at(std::int64_t step, std::int64_t steps, const TrainingOptions& options);

}  // namespace octavo
