#include "calibration/bin_counts.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

namespace octavo {
namespace {

constexpr std::uint32_t kPage = BinCounts::kBinsPerPage;

TEST(BinCounts, CountsInOpenedPages) {
  BinCounts counts;
  EXPECT_FALSE(counts.is_open(3));
  counts.open_pages(3, 4);
  counts.count(std::vector<std::uint32_t>{3 * kPage, 3 * kPage, 4 * kPage + 1023});
  EXPECT_TRUE(counts.is_open(3));
  EXPECT_EQ(counts.page(3)[0], 2u);
  EXPECT_EQ(counts.page(3)[1], 0u);
  EXPECT_EQ(counts.page(4)[1023], 1u);
  EXPECT_EQ(counts.page(511)[1023], 0u);
}

TEST(BinCounts, CountersGrowPast32Bits) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  BinCounts counts;
  counts.add(7, kMost - 1);
  counts.count(std::vector<std::uint32_t>{7});  // the last that fits into 32 bits
  counts.count(std::vector<std::uint32_t>{7, 8});
  counts.add(7, 5);
  EXPECT_EQ(counts.page(0)[7], kMost + 6);
  EXPECT_EQ(counts.page(0)[8], 1u);
  counts.add(9, kMost * 1000);
  EXPECT_EQ(counts.page(0)[9], kMost * 1000);
  EXPECT_EQ(counts.page(0)[7], kMost + 6);
}

TEST(BinCounts, MergesAndCopiesExactly) {
  BinCounts a;
  a.add(5, 3'000'000'000);
  BinCounts b;
  b.add(5, 3'000'000'000);
  b.add(511 * kPage, 1);
  BinCounts sum = a;
  sum.merge(b);
  EXPECT_EQ(sum.page(0)[5], 6'000'000'000u);
  EXPECT_EQ(sum.page(511)[0], 1u);
  EXPECT_FALSE(sum == a);
  b.merge(a);
  EXPECT_TRUE(sum == b);
  EXPECT_EQ(a.page(0)[5], 3'000'000'000u);
  const BinCounts moved = std::move(b);
  EXPECT_TRUE(moved == sum);
}

TEST(BinCounts, AnOpenedPageWithoutCountsEqualsAClosedOne) {
  BinCounts opened;
  opened.open_pages(0, 511);
  EXPECT_TRUE(opened == BinCounts());
}

}  // namespace
}  // namespace octavo
