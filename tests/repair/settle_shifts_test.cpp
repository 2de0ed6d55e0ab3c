#include "repair/settle_shifts.h"

#include <gtest/gtest.h>

#include <array>

namespace octavo {
namespace {

TEST(SettleShifts, GiveAWishThatStandsAlone) {
  const std::array wishes = {ShiftWish{{0}, 3}, ShiftWish{{1}, -2}};
  const auto shifts = settled_shifts(3, wishes, {});
  EXPECT_NEAR(shifts[0], 3, 1e-5);
  EXPECT_NEAR(shifts[1], -2, 1e-5);
  EXPECT_EQ(shifts[2], 0) << "nobody wishes for it";
}

// a wants 1, b wants 2, their sum wants 6: all three miss by as much.
TEST(SettleShifts, ShareWhatCannotAllBeMet) {
  const std::array wishes = {ShiftWish{{0}, 1}, ShiftWish{{1}, 2}, ShiftWish{{0, 1}, 6}};
  const auto shifts = settled_shifts(2, wishes, {});
  EXPECT_NEAR(shifts[0], 2, 1e-4);
  EXPECT_NEAR(shifts[1], 3, 1e-4);
}

TEST(SettleShifts, GoByTheirWeights) {
  const std::array wishes = {ShiftWish{{0}, 0, 1}, ShiftWish{{0}, 4, 3}};
  EXPECT_NEAR(settled_shifts(1, wishes, {})[0], 3, 1e-5);
}

TEST(SettleShifts, CountAShiftAsOftenAsItAdds) {
  const std::array wishes = {ShiftWish{{0, 0}, 8}};
  EXPECT_NEAR(settled_shifts(1, wishes, {})[0], 4, 1e-5) << "a tensor added to itself";
}

TEST(SettleShifts, KeepToTheLimits) {
  const std::array wishes = {ShiftWish{{0}, 3}, ShiftWish{{1}, 3}};
  const std::array limits = {ShiftLimit{{0}, 0, 0}, ShiftLimit{{0, 1}, -1, 2}};
  const auto shifts = settled_shifts(2, wishes, limits);
  EXPECT_EQ(shifts[0], 0);
  EXPECT_NEAR(shifts[1], 2, 1e-5);
}

// Sums of sums, as residual blocks make them: what each block adds is known, and found again.
TEST(SettleShifts, FollowALongTrunk) {
  std::vector<ShiftWish> wishes;
  ShiftSum sum;
  double target = 0;
  for (std::size_t block = 0; block < 20; ++block) {
    sum.push_back(block);
    target += static_cast<double>(block % 3) - 1;
    wishes.push_back({sum, target});
  }
  const auto shifts = settled_shifts(20, wishes, {});
  for (std::size_t block = 0; block < 20; ++block) {
    EXPECT_NEAR(shifts[block], static_cast<double>(block % 3) - 1, 1e-2) << block;
  }
}

}  // namespace
}  // namespace octavo
