#include "train/training_task.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

TEST(TrainingTask, ComesBackFromItsFile) {
  const testing::TemporaryDirectory folder;
  TrainingTask task{"train.yaml", "", {{"conv", 1, true, 4}}, {}, {}};
  task.activations.push_back({"x", 2, TrainedActivation::Learning::kScaleAndZeroPoint});
  task.options.seed = 5;
  write_training_task(task, folder.path());
  EXPECT_EQ(read_training_task(folder.path()), task);
}

TEST(TrainingTask, AFolderWithoutOneIsRefused) {
  const testing::TemporaryDirectory folder;
  EXPECT_OCTAVO_ERROR(read_training_task(folder.path()), ErrorCode::kNotFound, "task.json");
}

}  // namespace
}  // namespace octavo
