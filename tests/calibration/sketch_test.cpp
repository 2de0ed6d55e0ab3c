#include "calibration/sketch.h"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "calibration/sketch_kernel.h"

namespace octavo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> normal_values(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution(0.5F, 2.0F);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(random);
  return values;
}

// Any bit pattern: subnormals, both zeros, NaNs and infinities among them.
std::vector<float> arbitrary_values(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    value = random() % 5 == 0 ? 0.0F : std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  }
  return values;
}

class SketchKernel : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { use(GetParam()); }
  void TearDown() override { use(0); }

 private:
  static void use(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

TEST_P(SketchKernel, AgreesWithTheReferenceAtEverySize) {
  std::vector<std::size_t> sizes(80);
  std::iota(sizes.begin(), sizes.end(), 1);
  sizes.insert(sizes.end(), {kSketchBlock - 1, kSketchBlock});
  for (const std::size_t size : sizes) {
    for (const bool finite_only : {true, false}) {
      auto values = finite_only ? normal_values(size, 7) : arbitrary_values(size, 7);
      if (size > 3) values[3] = -0.0F;
      std::vector<std::uint32_t> found(kSketchBlock + kSketchBlockPadding);
      std::vector<std::uint32_t> expected(kSketchBlock + kSketchBlockPadding);
      const BlockSummary a = summarize_block(values, found.data());
      const BlockSummary b = summarize_block_reference(values, expected.data());
      ASSERT_EQ(a.finite, b.finite) << size;
      ASSERT_EQ(a.bins, b.bins) << size;
      ASSERT_TRUE(
          std::equal(found.begin(), found.begin() + static_cast<long>(a.bins), expected.begin()));
      if (!a.finite) continue;
      ASSERT_EQ(a.min, b.min) << size;
      ASSERT_EQ(a.max, b.max) << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, SketchKernel,
                         ::testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& target) { return hwy::TargetName(target.param); });

TEST(Sketch, CountsEveryKindOfValue) {
  Sketch sketch;
  const std::array<float, 9> values = {0.0F,       -0.0F, 1.5F,   kNan, kInfinity,
                                       -kInfinity, -2.0F, 1e-40F, kNan};
  const Sketch::Extremes seen = sketch.observe(values);
  EXPECT_EQ(sketch.count(), 9u);
  EXPECT_EQ(sketch.finite(), 5u);
  EXPECT_EQ(sketch.zeros(), 2u);
  EXPECT_EQ(sketch.nan(), 2u);
  EXPECT_EQ(sketch.positive_infinity(), 1u);
  EXPECT_EQ(sketch.negative_infinity(), 1u);
  EXPECT_EQ(sketch.min(), -2.0F);
  EXPECT_EQ(sketch.max(), 1.5F);
  EXPECT_TRUE(seen.any);
  EXPECT_EQ(seen.min, -2.0F);
}

TEST(Sketch, NothingSeenIsAllZero) {
  Sketch sketch;
  EXPECT_FALSE(sketch.observe({}).any);
  EXPECT_EQ(sketch.count(), 0u);
  EXPECT_TRUE(sketch.bins().empty());
  EXPECT_EQ(sketch.mean(), 0);
  EXPECT_EQ(sketch.standard_deviation(), 0);
}

TEST(Sketch, BinsHoldTheirValuesWithinTheStatedBound) {
  const auto values = normal_values(5000, 3);
  Sketch sketch;
  sketch.observe(values);
  std::uint64_t count = 0;
  double previous = -std::numeric_limits<double>::infinity();
  for (const Sketch::Bin& bin : sketch.bins()) {
    EXPECT_LE(previous, bin.lower);
    EXPECT_LE(bin.lower, bin.upper);
    const double magnitude = std::max(std::abs(bin.lower), std::abs(bin.upper));
    EXPECT_LE(bin.upper - bin.lower, magnitude * 0x1p-10);
    previous = bin.upper;
    count += bin.count;
  }
  EXPECT_EQ(count, values.size());
  EXPECT_EQ(sketch.bins().front().lower, *std::min_element(values.begin(), values.end()));
  EXPECT_EQ(sketch.bins().back().upper, *std::max_element(values.begin(), values.end()));
}

TEST(Sketch, MomentsComeOutWithinTheStatedBound) {
  const auto values = normal_values(20000, 5);
  Sketch sketch;
  sketch.observe(values);
  double sum = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
  const double bound = 0x1p-11 * 12;  // the largest magnitude here is under 12
  EXPECT_NEAR(sketch.mean(), mean, bound);
  EXPECT_NEAR(sketch.standard_deviation(), deviation, bound);
}

TEST(Sketch, AnySplitInAnyOrderMergesToTheWhole) {
  const auto values = arbitrary_values(10000, 11);
  Sketch whole;
  whole.observe(values);
  std::mt19937 random(13);
  for (int round = 0; round < 20; ++round) {
    std::vector<Sketch> parts;
    for (std::size_t begin = 0; begin < values.size();) {
      const std::size_t size = std::min<std::size_t>(values.size() - begin, random() % 3000);
      parts.emplace_back();
      parts.back().observe(std::span(values).subspan(begin, size));
      begin += size;
    }
    std::shuffle(parts.begin(), parts.end(), random);
    Sketch merged;
    for (const Sketch& part : parts) merged.merge(part);
    ASSERT_EQ(merged, whole) << "round " << round;
  }
}

}  // namespace
}  // namespace octavo
