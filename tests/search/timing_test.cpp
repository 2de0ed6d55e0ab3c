#include "search/timing.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace octavo {
namespace {

using Times = std::vector<std::vector<double>>;

// The second session takes `ratio(round)` of the first.
template <typename Ratio>
Times times_of(std::size_t rounds, Ratio ratio) {
  Times times(2);
  for (std::size_t round = 0; round < rounds; ++round) {
    const double first = 2 + 0.5 * static_cast<double>(round % 7);  // both hit by the same noise
    times[0].push_back(first);
    times[1].push_back(first * ratio(round));
  }
  return times;
}

TEST(Timing, AShareThatStandsStillIsSteady) {
  EXPECT_TRUE(is_steady(times_of(50, [](std::size_t) { return 0.5; })));
  EXPECT_TRUE(is_steady(times_of(200, [](std::size_t round) {
    return round % 3 == 0 ? 5.0 : 0.5;  // one of three disturbed
  })));
}

TEST(Timing, AShareThatDriftsOrJumpsIsNot) {
  EXPECT_FALSE(is_steady(
      times_of(200, [](std::size_t round) { return 0.5 + 0.0001 * static_cast<double>(round); })));
  EXPECT_FALSE(is_steady(times_of(200, [](std::size_t round) {
    return round < 160 ? 0.5 : 0.52;  // in the last fifth alone
  })));
}

TEST(Timing, FewRoundsAreNeverSteady) {
  EXPECT_FALSE(is_steady(times_of(49, [](std::size_t) { return 0.5; })));
  EXPECT_FALSE(is_steady(times_of(0, [](std::size_t) { return 0.5; })));
}

TEST(Timing, TheMedianOfAnEvenNumberIsBetweenTheMiddleTwo) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}

}  // namespace
}  // namespace octavo
