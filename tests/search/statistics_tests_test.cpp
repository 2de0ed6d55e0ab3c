#include "search/statistics_tests.h"

#include <gtest/gtest.h>

#include "search/timing.h"

namespace octavo {
namespace {

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
