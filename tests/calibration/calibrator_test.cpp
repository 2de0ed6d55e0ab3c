#include "calibration/calibrator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "calibration/expected_error.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr Scheme kUint8{DType::kUint8, Symmetry::kAsymmetric};
constexpr Scheme kInt8{DType::kInt8, Symmetry::kSymmetric, true};
constexpr Scheme kInt4{DType::kInt4, Symmetry::kSymmetric, true};

TensorStatistics statistics_of(const std::vector<float>& values) {
  TensorStatistics statistics;
  statistics.observe(0, values);
  return statistics;
}

Range range_of(const std::vector<float>& values, std::string_view calibrator,
               const Scheme& scheme = kUint8) {
  return calibrated_range(statistics_of(values), parse_calibrator(calibrator), scheme).range;
}

std::vector<float> draw(std::size_t count, const auto& next) {
  std::mt19937 random(17);
  std::vector<float> values(count);
  for (float& value : values) value = next(random);
  return values;
}

std::vector<float> gaussian(std::size_t count) {
  return draw(count, [](auto& random) { return std::normal_distribution<float>(0, 1)(random); });
}

std::vector<float> laplace(std::size_t count) {
  return draw(count, [](auto& random) {
    const float size = std::exponential_distribution<float>(1)(random);
    return random() % 2 == 0 ? size : -size;
  });
}

std::vector<float> rectified(std::size_t count) {
  return draw(count, [](auto& random) {
    return std::max(0.0F, std::normal_distribution<float>(0, 1)(random));
  });
}

// The quantile by its definition: all values kept and sorted.
float exact_upper(std::vector<float> values, double share_above) {
  std::sort(values.begin(), values.end());
  const auto above =
      static_cast<std::size_t>(std::floor(share_above * static_cast<double>(values.size())));
  return values[values.size() - 1 - above];
}

class EveryCalibrator : public ::testing::TestWithParam<const Calibrator*> {
 protected:
  std::string name() const { return std::string(GetParam()->name); }
};

TEST_P(EveryCalibrator, StaysWithinWhatWasSeenOrItsMirror) {
  for (const auto& values : {gaussian(5000), laplace(5000), rectified(5000)}) {
    const Range range = range_of(values, name());
    const float largest = std::abs(*std::max_element(
        values.begin(), values.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
    EXPECT_LE(range.min, range.max);
    EXPECT_GE(range.min, -largest);
    EXPECT_LE(range.max, largest);
    EXPECT_GT(range.max, 0.2);  // none clips four fifths of a bell
  }
}

TEST_P(EveryCalibrator, HandlesConstantsEmptyAndBadValues) {
  EXPECT_EQ(range_of({}, name()), (Range{0, 0}));
  EXPECT_EQ(range_of({0, 0, 0}, name()), (Range{0, 0}));
  const Range constant = range_of(std::vector<float>(100, 3.0F), name());
  EXPECT_GT(constant.max, 0);
  EXPECT_LE(constant.max, 3.0);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(range_of({nan, nan}, name()), (Range{0, 0}));
  const Range healthy =
      range_of({nan, 1, -1, 0.5F, std::numeric_limits<float>::infinity()}, name());
  EXPECT_TRUE(std::isfinite(healthy.min) && std::isfinite(healthy.max));
  EXPECT_LE(healthy.max, 1);
}

TEST_P(EveryCalibrator, SplitEqualsWhole) {
  const auto values = laplace(6000);
  TensorStatistics whole;
  TensorStatistics first;
  TensorStatistics second;
  for (std::uint64_t sample = 0; sample < 6; ++sample) {
    const auto part = std::span(values).subspan(sample * 1000, 1000);
    whole.observe(sample, part);
    (sample % 2 == 0 ? first : second).observe(sample, part);
  }
  second.merge(first);
  EXPECT_EQ(second, whole);
  const CalibratorSpec spec = parse_calibrator(name());
  for (const Scheme& scheme : {kUint8, kInt8, kInt4}) {
    EXPECT_EQ(calibrated_range(second, spec, scheme).range,
              calibrated_range(whole, spec, scheme).range);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryCalibrator,
                         ::testing::ValuesIn(all_calibrators().begin(), all_calibrators().end()),
                         [](const auto& calibrator) {
                           std::string name(calibrator.param->name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(MinMax, IsWhatWasSeen) { EXPECT_EQ(range_of({-1, 3, 2}, "min-max"), (Range{-1, 3})); }

TEST(Max, MirrorsTwoSidedValuesOnly) {
  EXPECT_EQ(range_of({-1, 3}, "max"), (Range{-3, 3}));
  EXPECT_EQ(range_of({0, 3}, "max"), (Range{0, 3}));
  EXPECT_EQ(range_of({-4, -1}, "max"), (Range{-4, 0}));
}

TEST(MovingAverage, FollowsTheSamplesInTheirOrder) {
  TensorStatistics statistics;
  statistics.observe(1, std::vector<float>{0, 8});
  statistics.observe(0, std::vector<float>{-4, 4});
  const auto range =
      calibrated_range(statistics, parse_calibrator("moving-average:0.25"), kUint8).range;
  EXPECT_EQ(range, (Range{-3, 5}));  // -4 + 0.25 * 4, 4 + 0.25 * 4
}

TEST(SampleMean, AveragesEachEnd) {
  TensorStatistics statistics;
  statistics.observe(0, std::vector<float>{-4, 4});
  statistics.observe(1, std::vector<float>{0, 8});
  EXPECT_EQ(calibrated_range(statistics, parse_calibrator("sample-mean"), kUint8).range,
            (Range{-2, 6}));
}

TEST(Sigma, IsMeanAndDeviationsWithinWhatWasSeen) {
  const Range range = range_of(gaussian(50000), "sigma:2");
  EXPECT_NEAR(range.min, -2, 0.05);
  EXPECT_NEAR(range.max, 2, 0.05);
  EXPECT_EQ(range_of({0, 1}, "sigma:100"), (Range{0, 1}));
}

TEST(Percentile, MatchesTheExactQuantilesWithinTheBound) {
  for (const auto& values : {gaussian(40000), laplace(40000)}) {
    const float exact = exact_upper(values, 0.0005);
    const double found = range_of(values, "percentile:99.9").max;
    EXPECT_GE(found, exact);
    EXPECT_LE(found, exact * (1 + 0x1p-9));
  }
  const auto relu = rectified(40000);
  EXPECT_NEAR(range_of(relu, "percentile:99.9").max, exact_upper(relu, 0.001), 0.01);
  EXPECT_EQ(range_of(relu, "percentile:99.9").min, 0);
}

TEST(Percentile, OneOutlierInAMillionIsLeftOut) {
  auto values = gaussian(20000);
  values.push_back(1e6F);
  EXPECT_LT(range_of(values, "percentile:99.99").max, 6);
  EXPECT_EQ(range_of(values, "percentile:100").max, 1e6);
}

TEST(IgnoreTail, LeavesTheShareOutOnEitherSide) {
  const auto values = laplace(40000);
  EXPECT_NEAR(range_of(values, "ignore-tail:1").max, exact_upper(values, 0.01), 0.02);
  EXPECT_EQ(range_of(rectified(1000), "ignore-tail:1").min, 0);
}

// Against a search over all values kept, on a fine grid of thresholds.
TEST(Mse, FindsTheThresholdThatAnExhaustiveSearchFinds) {
  for (const Scheme& scheme : {kInt8, kInt4}) {
    const auto values = laplace(20000);
    const double largest = range_of(values, "max", scheme).max;
    double best_error = std::numeric_limits<double>::max();
    for (int step = 20; step <= 400; ++step) {
      const double threshold = largest * step / 400;
      const auto params = choose_params({-threshold, threshold}, scheme);
      double error = 0;
      for (const float value : values) {
        const float back = dequantize(quantize(value, params, code_range(scheme)), params);
        error += (back - value) * (back - value);
      }
      best_error = std::min(best_error, error / static_cast<double>(values.size()));
    }
    const Range found = range_of(values, "mse", scheme);
    const auto bins = statistics_of(values).sketch().bins();
    EXPECT_LE(expected_squared_error(bins, found, scheme), 1.05 * best_error);
  }
}

TEST(Mse, AnOutlierIsClippedAtFourBitsAndKeptAtSixteen) {
  auto values = gaussian(20000);
  values.push_back(100.0F);
  EXPECT_LT(range_of(values, "mse", kInt4).max, 30);
  const Scheme int16{DType::kInt16, Symmetry::kSymmetric, true};
  EXPECT_GT(range_of(values, "mse", int16).max, 90);
}

TEST(Entropy, ClipsALongTailAndKeepsAUniformWhole) {
  const auto uniform = draw(
      50000, [](auto& random) { return std::uniform_real_distribution<float>(-1, 1)(random); });
  EXPECT_GT(range_of(uniform, "entropy", kInt8).max, 0.9);
  auto values = gaussian(50000);
  values.push_back(60.0F);
  EXPECT_LT(range_of(values, "entropy", kInt8).max, 30);
}

TEST(Automatic, SaysWhatItPicked) {
  auto values = gaussian(20000);
  const auto spec = parse_calibrator("auto");
  EXPECT_EQ(calibrated_range(statistics_of(values), spec, kUint8).chosen.name, "min-max");
  values.push_back(1e6F);
  const CalibratedRange clipped = calibrated_range(statistics_of(values), spec, kUint8);
  EXPECT_NE(clipped.chosen.name, "min-max");
  EXPECT_NE(clipped.chosen.name, "auto");
  EXPECT_LT(clipped.range.max, 10);
}

TEST(ParseCalibrator, ReadsNameAndNumbersAndPrintsThemBack) {
  EXPECT_EQ(to_string(parse_calibrator("percentile:99.99")), "percentile:99.99");
  EXPECT_EQ(to_string(parse_calibrator("entropy:1024,64")), "entropy:1024,64");
  constexpr ErrorCode kBad = ErrorCode::kInvalidArgument;
  EXPECT_OCTAVO_ERROR(parse_calibrator("kl"), kBad, "'kl'", "min-max, moving-average");
  EXPECT_OCTAVO_ERROR(parse_calibrator("percentile:x"), kBad, "'x' is not a number");
  EXPECT_OCTAVO_ERROR(parse_calibrator("percentile:"), kBad, "'' is not a number");
  EXPECT_OCTAVO_ERROR(parse_calibrator("percentile:101"), kBad, "P is 101", "1 to 100");
  EXPECT_OCTAVO_ERROR(parse_calibrator("min-max:1"), kBad, "at most 0 numbers, 1 given");
}

}  // namespace
}  // namespace octavo
