#include "calibration/weight_ranges.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace octavo {
namespace {

constexpr Scheme kInt8 = {.dtype = DType::kInt8, .symmetry = Symmetry::kSymmetric};

TEST(WeightRanges, BlocksAreInTheOrderOfTheirScales) {
  const Tensor weight = Tensor::of<float>({2, 3}, {1, -2, 3, -4, 5, -6});
  EXPECT_EQ(block_ranges(weight, 1, 2, {"min-max", {}}, kInt8),
            (std::vector<Range>{{-2, 1}, {3, 3}, {-4, 5}, {-6, -6}}));
  EXPECT_EQ(block_ranges(weight, 0, 2, {"min-max", {}}, kInt8),
            (std::vector<Range>{{-4, 1}, {-2, 5}, {-6, 3}}));
  EXPECT_EQ(block_ranges(weight, 0, 1, {"max", {}}, kInt8),
            (std::vector<Range>{{0, 1}, {-2, 0}, {0, 3}, {-4, 0}, {0, 5}, {-6, 0}}));
}

TEST(WeightRanges, ABlockAsLongAsTheSliceIsAChannelForEveryCalibrator) {
  const std::uint32_t seed = 7;
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 1);
  Tensor weight(DType::kFloat32, {6, 200});
  for (float& value : weight.mutable_as<float>()) value = normal(random);
  weight.mutable_as<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  weight.mutable_as<float>()[4] = std::numeric_limits<float>::infinity();
  for (const char* name : {"max", "min-max", "mse", "percentile"}) {
    const CalibratorSpec calibrator = parse_calibrator(name);
    EXPECT_EQ(block_ranges(weight, 1, 200, calibrator, kInt8),
              weight_ranges(weight, 0, calibrator, kInt8))
        << name << ", seed " << seed;
  }
}

TEST(WeightRanges, NothingFiniteGivesNoRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor weight = Tensor::of<float>({2}, {nan, nan});
  for (const char* name : {"max", "min-max", "mse"}) {
    EXPECT_EQ(weight_ranges(weight, std::nullopt, parse_calibrator(name), kInt8),
              std::vector<Range>{{}})
        << name;
  }
}

}  // namespace
}  // namespace octavo
