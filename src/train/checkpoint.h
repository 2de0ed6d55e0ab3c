// All that a training needs to go on as if it had not been interrupted.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "train/torch.h"
#include "train/training_log.h"

namespace octavo {

using NamedTensors = std::map<std::string, at::Tensor>;

struct Checkpoint {
  std::int64_t step = 0;  // steps done
  NamedTensors parameters;
  NamedTensors momenta;
  NamedTensors averages;  // empty unless a moving average is kept
  NamedTensors best;      // parameters of the best_evaluation() of the history
  double loss_sum = 0;    // since the last record
  std::int64_t loss_count = 0;
  double longest_gradient = 0;  // likewise
  double seconds = 0;
  std::uint64_t task_hash = 0;  // of what is trained: another task cannot go on from here
  TrainingHistory history;
};

// An .npz; `path` holds the old one or the new one, never half of one.
void write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path);
// Throws Error(kInvalidData) if the file is none.
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace octavo
