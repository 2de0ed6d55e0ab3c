// Calibrators on the sketch against slow references that keep every value, on distributions that
// networks show.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "calibration/calibrator.h"

namespace octavo {
namespace {

constexpr std::size_t kCount = 60000;
constexpr Scheme kInt8{DType::kInt8, Symmetry::kSymmetric, true};
// A sketch's bins are 2^-10 of their value wide.
constexpr double kBound = 0x1p-10;

struct Distribution {
  std::string name;
  std::function<float(std::mt19937&)> next;
};

// What a failure names.
void PrintTo(const Distribution& distribution, std::ostream* stream) {  // NOLINT: GoogleTest's name
  *stream << distribution.name;
}

std::vector<Distribution> distributions() {
  return {{"gaussian", std::normal_distribution<float>(0.3F, 1.5F)},
          {"laplace",
           [](std::mt19937& random) {
             const float size = std::exponential_distribution<float>(1)(random);
             return random() % 2 == 0 ? size : -size;
           }},
          {"uniform", std::uniform_real_distribution<float>(-2, 3)},
          {"rectified",
           [](std::mt19937& random) {
             return std::max(0.0F, std::normal_distribution<float>(0, 1)(random));
           }},
          {"bimodal_with_outliers", [](std::mt19937& random) {
             if (random() % 20000 == 0) return 80.0F;
             const float centre = random() % 3 == 0 ? 4.0F : -1.0F;
             return std::normal_distribution<float>(centre, 0.5F)(random);
           }}};
}

class OnDistribution : public ::testing::TestWithParam<Distribution> {
 protected:
  OnDistribution() {
    std::mt19937 random(23);
    auto next = GetParam().next;
    for (float& value : values_) value = next(random);
    statistics_.observe(0, values_);
    std::sort(values_.begin(), values_.end());
  }

  Range found(std::string_view calibrator) const {
    return calibrated_range(statistics_, parse_calibrator(calibrator), kInt8).range;
  }

  double largest() const {
    return std::max(std::abs(static_cast<double>(values_.front())),
                    std::abs(static_cast<double>(values_.back())));
  }

  // All values quantized and back again.
  double squared_error(double threshold) const {
    const auto params = choose_params({-threshold, threshold}, kInt8);
    double sum = 0;
    for (const float value : values_) {
      const float back = dequantize(quantize(value, params, code_range(kInt8)), params);
      const double error = static_cast<double>(back) - static_cast<double>(value);
      sum += error * error;
    }
    return sum / static_cast<double>(values_.size());
  }

  std::vector<float> values_ = std::vector<float>(kCount);  // sorted
  TensorStatistics statistics_;
};

TEST_P(OnDistribution, PercentilesAreTheSortedValuesWithinTheBound) {
  for (const double percent : {99.0, 99.9, 99.99}) {
    const Range range = found("percentile:" + std::to_string(percent));
    // Half of what is left out on either side; all of it where there is only one.
    const bool one_sided = values_.front() >= 0;
    const double outside = (1 - percent / 100) / (one_sided ? 1 : 2);
    const auto dropped = static_cast<std::size_t>(outside * static_cast<double>(kCount) + 1e-6);
    const auto upper = static_cast<double>(values_[kCount - 1 - dropped]);
    const auto lower = one_sided ? 0.0 : static_cast<double>(values_[dropped]);
    EXPECT_GE(range.max, upper) << percent;
    EXPECT_LE(range.max, upper + kBound * std::abs(upper) * 2) << percent;
    EXPECT_LE(range.min, lower) << percent;
    EXPECT_GE(range.min, lower - kBound * std::abs(lower) * 2) << percent;
  }
}

TEST_P(OnDistribution, MseIsAsGoodAsTheBestThresholdOverAllValues) {
  double best = std::numeric_limits<double>::max();
  for (int step = 1; step <= 300; ++step)
    best = std::min(best, squared_error(largest() * step / 300));
  const Range range = found("mse");
  EXPECT_LE(squared_error(std::max(-range.min, range.max)), 1.03 * best);
}

// Migacz' search on an even histogram of the values themselves.
class ExactEntropy {
 public:
  ExactEntropy(const std::vector<float>& values, double largest) : largest_(largest) {
    for (const float value : values) {
      if (value == 0) continue;
      const auto size = std::abs(static_cast<double>(value));
      ++counts_[std::min(static_cast<std::size_t>(size / largest * kBins), kBins - 1)];
    }
  }

  // Of clipping magnitudes at `threshold` and giving kLevels means to what is left.
  double divergence(double threshold) const {
    const auto kept =
        std::min(kBins, static_cast<std::size_t>(std::ceil(threshold / largest_ * kBins)));
    std::vector<double> p(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(kept));
    for (std::size_t i = kept; i < kBins; ++i) p.back() += counts_[i];
    std::vector<double> q(kept, 0);
    for (std::size_t level = 0; level < kLevels; ++level) {
      double sum = 0;
      double filled = 0;
      for (std::size_t i = level * kept / kLevels; i < (level + 1) * kept / kLevels; ++i) {
        sum += counts_[i];
        filled += counts_[i] > 0 ? 1 : 0;
      }
      for (std::size_t i = level * kept / kLevels; i < (level + 1) * kept / kLevels; ++i) {
        if (counts_[i] > 0) q[i] = sum / filled;
      }
    }
    double p_sum = 0;
    double q_sum = 0;
    for (std::size_t i = 0; i < kept; ++i) {
      p_sum += p[i];
      q_sum += q[i];
    }
    double result = 0;
    for (std::size_t i = 0; i < kept; ++i) {
      if (p[i] > 0) result += p[i] / p_sum * std::log(p[i] / p_sum / std::max(q[i] / q_sum, 1e-9));
    }
    return result;
  }

 private:
  static constexpr std::size_t kBins = 2048;
  static constexpr std::size_t kLevels = 128;

  double largest_;
  std::vector<double> counts_ = std::vector<double>(kBins, 0);
};

// On magnitudes, where clipping has one end: the threshold that the sketch gives must be one that
// the values themselves call good.
TEST_P(OnDistribution, EntropyIsNearTheLeastDivergenceOverAllValues) {
  for (float& value : values_) value = std::abs(value);
  statistics_ = TensorStatistics();
  statistics_.observe(0, values_);
  const ExactEntropy exact(values_, largest());
  double least = std::numeric_limits<double>::max();
  for (int step = 20; step <= 300; ++step) {
    least = std::min(least, exact.divergence(largest() * step / 300));
  }
  const double threshold = found("entropy").max;
  EXPECT_LE(exact.divergence(threshold), least + 0.02 * (1 + least)) << threshold;
}

INSTANTIATE_TEST_SUITE_P(All, OnDistribution, ::testing::ValuesIn(distributions()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace octavo
