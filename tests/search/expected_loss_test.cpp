#include "search/expected_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor scores(const std::vector<float>& values) {
  return Tensor::of<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

AnswerMargin margin(const std::vector<float>& before, const std::vector<float>& after) {
  return answer_margin(scores(before), scores(after), "cat.png");
}

// Sure samples, as far as `margin` from the border.
std::vector<AnswerMargin> sure(std::size_t count, double margin) {
  std::vector<AnswerMargin> margins;
  for (std::size_t i = 0; i < count; ++i) {
    const double before = margin + static_cast<double>(i);
    margins.push_back({before, before});
  }
  return margins;
}

TEST(AnswerMargin, IsOfTheFloatModelsClassAboveTheBestOther) {
  const AnswerMargin kept = margin({1, 3, 2}, {1, 5, 2});
  EXPECT_DOUBLE_EQ(kept.before, 1);
  EXPECT_DOUBLE_EQ(kept.after, 3);
  EXPECT_DOUBLE_EQ(margin({1, 3, 2}, {4, 3, 2}).after, -1) << "another class";
}

TEST(AnswerMargin, OfProbabilitiesIsThatOfWhatWentIntoTheSoftmax) {
  const auto first = [](double logit) { return static_cast<float>(1 / (1 + std::exp(-logit))); };
  const AnswerMargin found = margin({first(2), 1 - first(2)}, {first(-0.5), 1 - first(-0.5)});
  EXPECT_NEAR(found.before, 2, 1e-5);
  EXPECT_NEAR(found.after, -0.5, 1e-5);
  EXPECT_TRUE(std::isfinite(margin({1, 0}, {1, 0}).before)) << "the logarithm of a code of 0";
}

TEST(AnswerMargin, NeedsScoresOfClasses) {
  EXPECT_OCTAVO_ERROR(margin({1}, {1}), ErrorCode::kInvalidData, "cat.png", "float32[1, 1]",
                      "two or more classes", "--min-accuracy");
  EXPECT_OCTAVO_ERROR(margin({1, 2}, {1, 2, 3}), ErrorCode::kInvalidData, "cat.png", "3 scores",
                      "model's 2");
}

TEST(ExpectedLoss, OfAnEqualModelIsNone) {
  std::vector<AnswerMargin> margins = sure(40, 0);
  EXPECT_EQ(expected_loss(margins), 0);
  margins.front() = {0, 0};
  EXPECT_EQ(expected_loss(margins), 0) << "a tie that stays one";
  EXPECT_EQ(expected_loss({}), 0);
}

TEST(ExpectedLoss, CountsWhatTurnsByHowLikelyItWasRight) {
  // Eight samples are each other's neighbours, and all of them turn.
  for (const double before : {0.0, 1.0, 4.0}) {
    const std::vector<AnswerMargin> margins(8, {before, -1});
    EXPECT_NEAR(expected_loss(margins), 1 / (1 + std::exp(-before)), 1e-12) << before;
  }
}

TEST(ExpectedLoss, NeighboursShareTheirErrors) {
  // Nobody's own answer turns, but the errors of two of the eight would turn the nearest one's.
  std::vector<AnswerMargin> margins = sure(8, 1);
  margins[6].after -= 3;
  margins[7].after -= 3;
  const double first = 1 / (1 + std::exp(-1.0));
  const double second = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(expected_loss(margins), (first + second) * 2 / 8 / 8, 1e-12);
}

TEST(ExpectedLoss, FarSamplesDoNotShareTheirs) {
  std::vector<AnswerMargin> margins = sure(200, 1);
  for (std::size_t i = 100; i < margins.size(); ++i) margins[i].after -= 50;
  EXPECT_EQ(expected_loss(margins), 0);
}

TEST(ExpectedLoss, WhatIsNoNumberIsLost) {
  EXPECT_NEAR(expected_loss(std::vector<AnswerMargin>(8, margin({9, -9}, {kNan, 0}))), 1, 1e-6);
  EXPECT_EQ(expected_loss(std::vector<AnswerMargin>(8, margin({kNan, 1}, {kNan, 1}))), 0)
      << "the float model has no answer to lose";
}

// What the rule claims: of a network whose scores mean what they say, it tells the answers lost.
TEST(ExpectedLoss, IsWhatANetworkLosesWhoseScoresAreTrue) {
  constexpr std::size_t kSamples = 20000;
  std::mt19937 random(7);
  const auto uniform = [&] { return static_cast<double>(random() >> 1U) / 0x1p31; };
  std::vector<AnswerMargin> margins;
  double lost = 0;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const double before = 5 * uniform();
    // An error that grows with the margin and leans to one side, as quantization's do.
    const double after = before + (1 + before / 2) * (2 * uniform() - 1.2);
    const bool is_right = uniform() < 1 / (1 + std::exp(-before));
    lost += after < 0 && is_right ? 1 : 0;
    margins.push_back({before, after});
  }
  EXPECT_GT(lost / kSamples, 0.02);
  EXPECT_NEAR(expected_loss(margins), lost / kSamples, 0.1 * lost / kSamples);
}

}  // namespace
}  // namespace octavo
