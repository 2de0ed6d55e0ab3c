#include "data/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "octavo/error.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

using Indices = std::vector<std::size_t>;

TEST(Select, NothingSaidTakesAll) {
  EXPECT_EQ(select({}, 4), (Indices{0, 1, 2, 3}));
  EXPECT_EQ(select({}, 0), Indices{});
}

TEST(Select, Ranges) {
  EXPECT_EQ(select({.first = 2}, 5), (Indices{0, 1}));
  EXPECT_EQ(select({.first = 9}, 5), (Indices{0, 1, 2, 3, 4}));
  EXPECT_EQ(select({.last = 2}, 5), (Indices{3, 4}));
  EXPECT_EQ(select({.last = 9}, 5), (Indices{0, 1, 2, 3, 4}));
  EXPECT_EQ(select({.skip = 3}, 5), (Indices{3, 4}));
  EXPECT_EQ(select({.skip = 5}, 5), Indices{});
  EXPECT_EQ(select({.skip = 1, .first = 2}, 5), (Indices{1, 2}));
  EXPECT_EQ(select({.skip = 4, .last = 3}, 5), (Indices{4}));
}

TEST(Select, Strides) {
  EXPECT_EQ(select({.every = 2}, 5), (Indices{0, 2, 4}));
  EXPECT_EQ(select({.skip = 1, .every = 3}, 8), (Indices{1, 4, 7}));
}

TEST(Select, ADrawIsSortedWithoutRepetitionAndTheSameEverywhere) {
  const Indices drawn = select({.draw = 5, .seed = 7}, 100);
  EXPECT_EQ(drawn, select({.draw = 5, .seed = 7}, 100));
  EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
  EXPECT_EQ(std::set<std::size_t>(drawn.begin(), drawn.end()).size(), 5U);
  EXPECT_NE(drawn, select({.draw = 5, .seed = 8}, 100));
  // std::mt19937_64 is the same in every standard library, and so is the shuffle.
  EXPECT_EQ(drawn, (Indices{7, 15, 52, 65, 94}));
}

TEST(Select, ADrawOfAllIsAll) { EXPECT_EQ(select({.draw = 4}, 4), (Indices{0, 1, 2, 3})); }

TEST(Select, PicksCountAmongWhatTheRestLeaves) {
  EXPECT_EQ(select({.skip = 2, .every = 2, .picks = {2, 0}}, 9), (Indices{2, 6}));
  EXPECT_OCTAVO_ERROR(select({.first = 3, .picks = {0, 3}}, 9), ErrorCode::kInvalidData, "picks: 3",
                      "below 3");
}

TEST(Select, TheRestIsWhatTheSelectionLeaves) {
  for (const Selection& selection :
       {Selection{.first = 2}, Selection{.every = 5}, Selection{.draw = 7, .seed = 3}}) {
    Selection rest = selection;
    rest.part = Selection::Part::kRest;
    const Indices taken = select(selection, 23);
    const Indices left = select(rest, 23);
    Indices all = taken;
    all.insert(all.end(), left.begin(), left.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, select({}, 23));
    EXPECT_TRUE(std::is_sorted(left.begin(), left.end()));
  }
}

TEST(EvenlySpread, CoversAllFromTheFirst) {
  EXPECT_EQ(evenly_spread(4, 10), (Indices{0, 2, 5, 7}));
  EXPECT_EQ(evenly_spread(10, 3), (Indices{0, 1, 2}));
  EXPECT_TRUE(evenly_spread(4, 0).empty());
}

}  // namespace
}  // namespace octavo
