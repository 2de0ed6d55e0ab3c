#include "train/best_evaluation.h"

#include <gtest/gtest.h>

#include <vector>

namespace octavo {
namespace {

using Evaluations = std::vector<TrainingEvaluation>;

TEST(BestEvaluation, IsTheStartWhereNothingElseIs) {
  EXPECT_EQ(best_evaluation(Evaluations{{0, 0.5, 1}}, 10), 0U);
}

TEST(BestEvaluation, IsTheHighestWhereSamplesCanTell) {
  // A standard error of 0.004.
  const Evaluations all = {{0, 0.7, 0.2}, {10, 0.8, 0.3}, {20, 0.75, 0.1}};
  EXPECT_EQ(best_evaluation(all, 10000), 1U);
}

TEST(BestEvaluation, IsThatOfLeastLossWhereTheyCannot) {
  // Of 26 samples, one of 0.06: training that overfits is not taken for a sample or two.
  const Evaluations all = {{0, 0.8846, 0.03}, {10, 0.9231, 0.07}, {20, 0.8077, 0.02}};
  EXPECT_EQ(best_evaluation(all, 26), 0U);
}

TEST(BestEvaluation, IsNoneThatFellBehind) {
  // The start has the least loss, and is too far from the highest in the end.
  const Evaluations all = {{0, 0.60, 0.1}, {10, 0.62, 0.4}, {20, 0.75, 0.3}, {30, 0.74, 0.2}};
  EXPECT_EQ(best_evaluation(all, 1000), 3U);
}

TEST(BestEvaluation, IsTheLaterOfTwoEquals) {
  EXPECT_EQ(best_evaluation(Evaluations{{0, 0.5, 1}, {10, 0.5, 1}}, 10), 1U);
}

TEST(BestEvaluation, DoesNotTakeAllRightForCertain) {
  const Evaluations all = {{0, 1, 0.5}, {10, 0.96, 0.1}};
  EXPECT_EQ(best_evaluation(all, 20), 1U);
}

}  // namespace
}  // namespace octavo
