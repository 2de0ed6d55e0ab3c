#include "octavo/statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "calibration/channel_statistics.h"
#include "calibration/convergence.h"
#include "calibration/tensor_statistics.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr ErrorCode kBad = ErrorCode::kInvalidArgument;

Statistics of_samples(std::initializer_list<SampleInterval> intervals) {
  Statistics statistics;
  for (const SampleInterval& interval : intervals) statistics.add_samples(interval);
  return statistics;
}

std::vector<SampleInterval> samples_of(const Statistics& statistics) {
  return {statistics.samples().begin(), statistics.samples().end()};
}

TEST(StatisticsSamples, NeighboursJoinInAnyOrder) {
  using Intervals = std::vector<SampleInterval>;
  EXPECT_EQ(samples_of(of_samples({{0, 2}, {2, 5}})), (Intervals{{0, 5}}));
  EXPECT_EQ(samples_of(of_samples({{2, 5}, {0, 2}})), (Intervals{{0, 5}}));
  EXPECT_EQ(samples_of(of_samples({{0, 2}, {5, 6}, {2, 5}})), (Intervals{{0, 6}}));
  EXPECT_EQ(samples_of(of_samples({{8, 9}, {0, 2}, {4, 6}})), (Intervals{{0, 2}, {4, 6}, {8, 9}}));
  EXPECT_EQ(of_samples({{8, 9}, {0, 2}, {4, 6}}).sample_count(), 5u);
}

TEST(StatisticsSamples, NoSampleCountsTwice) {
  const Statistics some = of_samples({{2, 5}, {8, 10}});
  struct Case {
    SampleInterval added;
    const char* message;
  };
  constexpr std::array<Case, 5> kCases = {{{{0, 3}, "sample 2 is"},
                                           {{4, 5}, "sample 4 is"},
                                           {{2, 5}, "sample 2 is"},
                                           {{5, 9}, "sample 8 is"},
                                           {{0, 20}, "sample 2 is"}}};
  for (const Case& overlap : kCases) {
    Statistics copy = some;
    EXPECT_OCTAVO_ERROR(copy.add_samples(overlap.added), kBad, overlap.message);
    EXPECT_EQ(samples_of(copy), samples_of(some));
  }
  Statistics copy = some;
  EXPECT_OCTAVO_ERROR(copy.add_samples({3, 3}), kBad, "samples 3 to 3", "at least one");
}

TEST(StatisticsMerge, RefusesWhatDoesNotBelongTogetherAndChangesNothing) {
  Statistics one = of_samples({{0, 2}});
  one.tensors()["x"].observe(0, std::vector<float>{1, 2});
  one.set_model_fingerprint(7);
  const Statistics before = one;
  Statistics overlapping = one;
  EXPECT_OCTAVO_ERROR(merge(one, overlapping), kBad, "sample 0", "count twice");
  Statistics of_other_model = of_samples({{2, 3}});
  of_other_model.tensors()["x"];
  of_other_model.set_model_fingerprint(8);
  EXPECT_OCTAVO_ERROR(merge(one, of_other_model), kBad, "different models");
  Statistics of_other_tensors = of_samples({{2, 3}});
  of_other_tensors.tensors()["y"];
  EXPECT_OCTAVO_ERROR(merge(one, of_other_tensors), kBad, "different tensors");
  Statistics with_channels = of_samples({{2, 3}});
  with_channels.tensors()["x"];
  with_channels.channels()["x"];
  with_channels.set_model_fingerprint(7);
  EXPECT_OCTAVO_ERROR(merge(one, with_channels), kBad, "channels of different tensors");
  EXPECT_EQ(one.tensors(), before.tensors());
  EXPECT_EQ(samples_of(one), samples_of(before));
}

// Memory must not grow with the samples, nor what is kept depend on how they were split.
TEST(TensorStatistics, KeepsTheRangesOfTheEarliestSamples) {
  constexpr std::uint64_t kSamples = 20000;
  constexpr std::size_t kKept = 8192;
  const auto value_of = [](std::uint64_t sample) { return static_cast<float>(sample % 97); };
  TensorStatistics whole;
  TensorStatistics backwards;
  TensorStatistics odd;
  TensorStatistics even;
  for (std::uint64_t i = 0; i < kSamples; ++i) {
    const std::array<float, 1> value = {value_of(i)};
    whole.observe(i, value);
    (i % 2 == 0 ? even : odd).observe(i, value);
    const std::uint64_t last = kSamples - 1 - i;
    backwards.observe(last, std::array<float, 1>{value_of(last)});
  }
  ASSERT_EQ(whole.samples().size(), kKept);
  EXPECT_EQ(whole.samples().back().sample, kKept - 1);
  EXPECT_EQ(backwards, whole);
  odd.merge(even);
  EXPECT_EQ(odd, whole);
  EXPECT_EQ(whole.sketch().count(), kSamples);
}

TEST(RangeShifts, SayHowFarTheFartherEndMoved) {
  Statistics part;
  part.tensors()["moved"].observe(0, std::vector<float>{-1, 2});
  part.tensors()["settled"].observe(0, std::vector<float>{-1, 1});
  part.tensors()["was zero"].observe(0, std::vector<float>{0, 0});
  Statistics whole = part;
  whole.tensors()["moved"].observe(1, std::vector<float>{-2, 8});
  whole.tensors()["was zero"].observe(1, std::vector<float>{0, 0});
  const auto shifts = range_shifts(part, whole, {}, Scheme{});
  ASSERT_EQ(shifts.size(), 3u);
  EXPECT_EQ(shifts[0].tensor, "moved");
  EXPECT_EQ(shifts[0].before, (Range{-1, 2}));
  EXPECT_EQ(shifts[0].after, (Range{-2, 8}));
  EXPECT_DOUBLE_EQ(shifts[0].share, 0.6);  // 6 of 10
  EXPECT_EQ(shifts[1].share, 0);
  EXPECT_EQ(shifts[2].share, 0);
}

TEST(RangeShifts, ATensorThatThePartLacksIsNamed) {
  Statistics whole;
  whole.tensors()["late"];
  EXPECT_OCTAVO_ERROR(range_shifts({}, whole, {}, Scheme{}), ErrorCode::kNotFound, "'late'");
}

}  // namespace
}  // namespace octavo
