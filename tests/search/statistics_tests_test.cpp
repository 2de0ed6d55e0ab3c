#include "search/statistics_tests.h"

#include <gtest/gtest.h>

#include "octavo/evaluation.h"
#include "search/timing.h"

namespace octavo {
namespace {

TEST(Proportion, IsWilsonsInterval) {
  // 15 of 50: Brown, Cai and DasGupta's formula by hand.
  const Proportion share = proportion(15, 50);
  EXPECT_DOUBLE_EQ(share.value(), 0.3);
  EXPECT_NEAR(share.lower, 0.1910, 5e-4);
  EXPECT_NEAR(share.upper, 0.4375, 5e-4);
}

TEST(Proportion, StaysWithinZeroAndOne) {
  EXPECT_EQ(proportion(0, 10).lower, 0);
  EXPECT_GT(proportion(0, 10).upper, 0.2);
  EXPECT_NEAR(proportion(10, 10).upper, 1, 1e-12);
  EXPECT_EQ(proportion(0, 0).lower, 0);
  EXPECT_EQ(proportion(0, 0).upper, 1);
}

TEST(Mcnemar, MatchesTheBinomialByHand) {
  EXPECT_DOUBLE_EQ(mcnemar_p(0, 0), 1);
  EXPECT_NEAR(mcnemar_p(0, 5), 2.0 / 32, 1e-12);
  EXPECT_NEAR(mcnemar_p(1, 5), 2.0 * 7 / 64, 1e-12);
  EXPECT_NEAR(mcnemar_p(5, 1), 2.0 * 7 / 64, 1e-12);
  EXPECT_DOUBLE_EQ(mcnemar_p(4, 4), 1);
  EXPECT_LT(mcnemar_p(1000, 1500), 1e-20);
}

TEST(Median, OfEvenAndOddCounts) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({4, 1, 3}), 3);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}

}  // namespace
}  // namespace octavo
