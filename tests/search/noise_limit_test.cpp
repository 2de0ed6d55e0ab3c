#include "search/noise_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

// Samples of two classes whose scores lie `margin` apart, as logits.
std::vector<std::vector<Tensor>> logits(const std::vector<float>& margins) {
  std::vector<std::vector<Tensor>> outputs;
  for (const float margin : margins) {
    outputs.push_back({Tensor::of<float>({1, 2}, {margin / 2, -margin / 2})});
  }
  return outputs;
}

double limit(std::string_view metric, const std::vector<std::vector<Tensor>>& outputs,
             double changed) {
  std::vector<const std::vector<Tensor>*> pointers;
  for (const auto& sample : outputs) pointers.push_back(&sample);
  return noise_limit(find_metric(metric), pointers, changed);
}

TEST(NoiseLimit, IsWhereNormalNoiseChangesSoManyClasses) {
  // All margins are 2: a class changes where the difference of two normal numbers of deviation s
  // exceeds 2, with probability P(Z > 2 / (s sqrt(2))). For 1 % that is s = 2 / (2.3263 sqrt(2)),
  // and the scores +-1 have power 1: SQNR = -20 log10(s).
  const double deviation = 2 / (2.326348 * std::sqrt(2.0));
  const double expected = -20 * std::log10(deviation);
  EXPECT_NEAR(limit("sqnr", logits(std::vector<float>(100, 2)), 0.01), expected, 0.5);
  EXPECT_NEAR(limit("mse", logits(std::vector<float>(100, 2)), 0.01), deviation * deviation,
              0.1 * deviation * deviation);
}

TEST(NoiseLimit, ALargerBudgetBearsMoreNoise) {
  std::vector<float> margins;
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i)
    margins.push_back(static_cast<float>(random() % 1000) / 100 + 0.01F);
  const auto outputs = logits(margins);
  EXPECT_GT(limit("sqnr", outputs, 0.005), limit("sqnr", outputs, 0.02) + 1);
  EXPECT_LT(limit("kl", outputs, 0.005), limit("kl", outputs, 0.02));
  EXPECT_EQ(limit("kl", outputs, 0.01), limit("kl", outputs, 0.01)) << "the same noise every time";
}

TEST(NoiseLimit, OfProbabilitiesIsThatOfWhatWentIntoTheSoftmax) {
  std::vector<std::vector<Tensor>> probabilities;
  std::vector<float> margins;
  for (int i = 0; i < 100; ++i) {
    margins.push_back(0.5F + static_cast<float>(i) / 20);
    const float first = 1 / (1 + std::exp(-margins.back()));
    probabilities.push_back({Tensor::of<float>({1, 2}, {first, 1 - first})});
  }
  EXPECT_NEAR(limit("kl", probabilities, 0.02), limit("kl", logits(margins), 0.02), 1e-4);
}

TEST(NoiseLimit, NeedsScoresOfClasses) {
  const std::vector<std::vector<Tensor>> one = {{Tensor(DType::kFloat32, {1, 1})}};
  EXPECT_OCTAVO_ERROR(limit("sqnr", one, 0.01), ErrorCode::kInvalidData, "float32[1, 1]",
                      "two or more classes", "value");
}

}  // namespace
}  // namespace octavo
