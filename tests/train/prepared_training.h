// A training of the demo's model, prepared as `octavo finetune` does it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "octavo/model.h"
#include "train/training_options.h"

namespace octavo::testing {

struct Bits {
  int weights = 4;
  int activations = 4;
};

// Leaves float.onnx, start.onnx and task.json in `folder`. It trains on the demo's unlabelled
// samples and is judged on 300 labelled ones.
void prepare_training(const std::filesystem::path& folder, const TrainingOptions& options,
                      Bits bits = {}, const std::vector<std::string>& kept_in_float = {});

// The data recipe that prepare_training() judges on.
std::filesystem::path validation_recipe(const std::filesystem::path& folder);

// A few steps that already help.
TrainingOptions short_training();

}  // namespace octavo::testing
