#include "train/schedule.h"

#include <gtest/gtest.h>

namespace octavo {
namespace {

TrainingOptions options() {
  TrainingOptions result;
  result.learning_rate = 0.1;
  result.final_rate = 0.01;
  result.warmup = 0.1;
  return result;
}

TEST(LearningRate, RisesThenFollowsACosine) {
  // 100 steps, 10 of them warm-up; the middle of the other 90 lies between steps 54 and 55.
  EXPECT_DOUBLE_EQ(learning_rate_at(0, 100, options()), 0.1 / 11);
  EXPECT_DOUBLE_EQ(learning_rate_at(9, 100, options()), 0.1 * 10 / 11);
  EXPECT_DOUBLE_EQ(learning_rate_at(10, 100, options()), 0.1);
  const double middle =
      (learning_rate_at(54, 100, options()) + learning_rate_at(55, 100, options())) / 2;
  EXPECT_NEAR(middle, (0.1 + 0.001) / 2, 1e-12);
  EXPECT_NEAR(learning_rate_at(99, 100, options()), 0.001, 1e-12);
}

TEST(LearningRate, HasAValueForASingleStep) {
  EXPECT_NEAR(learning_rate_at(0, 1, options()), 0.001, 1e-12);
}

}  // namespace
}  // namespace octavo
