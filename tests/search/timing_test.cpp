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

// Ratios of three sessions to the first.
Times three(std::size_t rounds, double second, double third, double drift = 0) {
  Times times(3);
  for (std::size_t round = 0; round < rounds; ++round) {
    const double noise = 1 + drift * static_cast<double>(round) / static_cast<double>(rounds);
    times[0].push_back(2);
    times[1].push_back(2 * second * noise);
    times[2].push_back(2 * third * noise);
  }
  return times;
}

TEST(Timing, TheFastestIsChosenOnceNoPartOfTheRoundsDoubtsIt) {
  EXPECT_TRUE(is_chosen(three(25, 0.5, 0.6)));
  EXPECT_TRUE(is_chosen(three(25, 0.5, 0.6, 0.03))) << "not steady, but plain";
  EXPECT_FALSE(is_steady(three(25, 0.5, 0.6, 0.03)));
  EXPECT_FALSE(is_chosen(three(24, 0.5, 0.6))) << "too few rounds";
}

TEST(Timing, AContestIsChosenOnlyWhenSteady) {
  EXPECT_FALSE(is_chosen(three(50, 0.5, 0.505, 0.02)));
  EXPECT_FALSE(is_chosen(three(40, 0.5, 0.5))) << "equal, and too few rounds to be steady";
  EXPECT_TRUE(is_chosen(three(50, 0.5, 0.5)));
}

TEST(Timing, AFastestThatVariesIsNotChosen) { EXPECT_FALSE(is_chosen(three(50, 0.5, 0.9, 0.1))); }

TEST(Timing, TheMedianOfAnEvenNumberIsBetweenTheMiddleTwo) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}

}  // namespace
}  // namespace octavo
