#include "train/sample_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace octavo {
namespace {

TEST(Shuffled, IsAPermutationThatSeedAndEpochDecide) {
  const std::vector<std::size_t> order = shuffled(100, 1, 0);
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 100U);
  EXPECT_EQ(order, shuffled(100, 1, 0));
  EXPECT_NE(order, shuffled(100, 1, 1));
  EXPECT_NE(order, shuffled(100, 2, 0));
  EXPECT_TRUE(shuffled(0, 1, 0).empty());
}

TEST(SplitSamples, KeepsAShareAside) {
  const SampleSplit split = split_samples(50, 0.1, 3);
  EXPECT_EQ(split.held_out.size(), 5U);
  EXPECT_EQ(split.training.size(), 45U);
  std::set<std::size_t> all(split.training.begin(), split.training.end());
  all.insert(split.held_out.begin(), split.held_out.end());
  EXPECT_EQ(all.size(), 50U);
  EXPECT_TRUE(std::is_sorted(split.training.begin(), split.training.end()));
}

TEST(RandomShare, IsSpreadOverTheUnit) {
  double sum = 0;
  for (std::uint64_t sample = 0; sample < 1000; ++sample) {
    const double share = random_share(1, 2, sample, 0);
    ASSERT_GE(share, 0);
    ASSERT_LT(share, 1);
    sum += share;
  }
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);
  EXPECT_NE(random_share(1, 2, 3, 0), random_share(1, 2, 3, 1));
}

}  // namespace
}  // namespace octavo
