#include "train/losses.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"

namespace octavo {
namespace {

LossInput input() {
  LossInput result;
  result.scores = at::tensor({1.0F, 0.0F, 0.0F, 2.0F}).reshape({2, 2});
  result.teacher = at::tensor({0.0F, 1.0F, 0.0F, 2.0F}).reshape({2, 2});
  result.labels = at::tensor({0, 0}, at::kLong);
  return result;
}

double value(const std::string& text, const LossInput& of) {
  return total_loss(parse_losses(text, true), of).item<double>();
}

TEST(Losses, GiveWhatTheirFormulasSay) {
  const double right = std::log(1 + std::exp(-1.0));
  const double wrong = std::log(1 + std::exp(2.0));
  EXPECT_NEAR(value("cross-entropy", input()), (right + wrong) / 2, 1e-6);
  EXPECT_NEAR(value("mse", input()), 0.5, 1e-6);
  // Two softmax distributions of which one is the other mirrored.
  const double p = 1 / (1 + std::exp(-1.0));
  EXPECT_NEAR(value("distillation", input()), (2 * p - 1) / 2, 1e-6);
  EXPECT_NEAR(value("mse:2+mse", input()), 1.5, 1e-6);
}

TEST(Losses, BinaryCrossEntropyOfOneScoreASample) {
  LossInput one = input();
  one.scores = at::tensor({1.0F, -2.0F}).reshape({2, 1});
  one.labels = at::tensor({1, 0}, at::kLong);
  EXPECT_NEAR(value("bce", one), (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(-2.0))) / 2,
              1e-6);
}

TEST(Losses, LabelSmoothingAndTemperature) {
  LossInput smooth = input();
  smooth.label_smoothing = 1;  // all weight on all classes alike
  const double even = (std::log(1 + std::exp(-1.0)) + std::log(1 + std::exp(1.0)) +
                       std::log(1 + std::exp(2.0)) + std::log(1 + std::exp(-2.0))) /
                      4;
  EXPECT_NEAR(value("cross-entropy", smooth), even, 1e-6);
  LossInput hot = input();
  hot.temperature = 2;
  const double p = 1 / (1 + std::exp(-0.5));
  EXPECT_NEAR(value("distillation", hot), 4 * (2 * p - 1) * 0.5 / 2, 1e-6);
}

TEST(Losses, FeaturesAreComparedAsAShareOfTheTeachersOwn) {
  LossInput with = input();
  with.features = {{at::tensor({1.0F, 3.0F}), at::tensor({2.0F, 2.0F})},      // 1 of 4
                   {at::tensor({10.0F, 10.0F}), at::tensor({20.0F, 0.0F})}};  // 100 of 200
  EXPECT_NEAR(value("features", with), (0.25 + 0.5) / 2, 1e-6);
}

TEST(ParseLosses, DefaultsDependOnLabels) {
  EXPECT_EQ(to_string(parse_losses("", true)), "cross-entropy:0.5+distillation:0.5");
  EXPECT_EQ(to_string(parse_losses("", false)), "distillation:1");
}

TEST(ParseLosses, RefusesWhatItDoesNotKnow) {
  EXPECT_OCTAVO_ERROR(parse_losses("hinge", true), ErrorCode::kInvalidArgument, "'hinge'",
                      "cross-entropy");
  EXPECT_OCTAVO_ERROR(parse_losses("mse:zero", true), ErrorCode::kInvalidArgument, "'zero'");
  EXPECT_OCTAVO_ERROR(parse_losses("bce", false), ErrorCode::kInvalidArgument, "'bce'",
                      "needs labels");
}

}  // namespace
}  // namespace octavo
