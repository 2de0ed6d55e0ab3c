// Where a training runs, and which training it is.
#pragma once

#include "octavo/model.h"
#include "train/torch.h"
#include "train/training_task.h"

namespace octavo {

// Throws Error(kInvalidArgument) for an unknown device, or one that libtorch does not see.
at::Device training_device(const TrainingOptions& options);

// Equal for the same task on the same model and as many ranks.
std::uint64_t hash_of(const TrainingTask& task, const Model& start, std::size_t ranks);

}  // namespace octavo
