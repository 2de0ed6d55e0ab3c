// f1 and iou: counted by class, worked by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "octavo/metrics.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor scores(std::initializer_list<float> values) {
  return Tensor::of<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

struct Answer {
  Tensor output;
  std::optional<std::int64_t> label = {};
  GroundTruth truth = {};
};

double measure(const std::string& name, const std::vector<Answer>& answers) {
  const auto metric = open_metric(name);
  MetricAccumulator accumulator(*metric);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    accumulator.add(i, {{&answer.output, 1}, {}, answer.label, "dog.png", &answer.truth});
  }
  return accumulator.value().value;
}

TEST(F1, OfOneScoreByTheThreshold) {
  // Two right, one false alarm, one missed: 2 * 2 / (2 * 2 + 1 + 1).
  const std::vector<Answer> answers = {{scores({0.9F}), 1},
                                       {scores({0.5F}), 1},
                                       {scores({0.6F}), 0},
                                       {scores({0.2F}), 1},
                                       {scores({0.1F}), 0}};
  EXPECT_DOUBLE_EQ(measure("f1", answers), 4.0 / 6);
  // Only 0.9 is at or above 0.7: one right, two missed.
  EXPECT_DOUBLE_EQ(measure("f1:0.7", answers), 2.0 / 4);
}

TEST(F1, OfClassesIsTheMeanOverThoseThatOccur) {
  // Class 0: 1 right, 1 missed: 2/3. Class 1: 1 right, 1 false alarm: 2/3. Class 2 never occurs.
  // Class 3: missed by a model that answers NaN: 0.
  const std::vector<Answer> answers = {{scores({3, 1, 0, 0}), 0},
                                       {scores({1, 3, 0, 0}), 0},
                                       {scores({1, 3, 0, 0}), 1},
                                       {scores({kNan, kNan, kNan, kNan}), 3}};
  EXPECT_DOUBLE_EQ(measure("f1", answers), (2.0 / 3 + 2.0 / 3 + 0) / 3);
}

TEST(F1, OfSetsOfLabels) {
  const auto set = [](std::initializer_list<std::int64_t> values) {
    return GroundTruth{{"label_set", Tensor::of<std::int64_t>({3}, values)}};
  };
  // Class 0: both right: 1. Class 1: one right, one missed: 2/3. Class 2: a false alarm: 0.
  const std::vector<Answer> answers = {{scores({0.9F, 0.8F, 0.1F}), {}, set({1, 1, 0})},
                                       {scores({0.7F, 0.2F, 0.6F}), {}, set({1, 1, 0})}};
  EXPECT_DOUBLE_EQ(measure("f1", answers), (1 + 2.0 / 3 + 0) / 3);
}

TEST(F1, NobodyIsThereAndNobodyWasSeen) { EXPECT_EQ(measure("f1", {{scores({0.1F}), 0}}), 0); }

TEST(F1, RefusesWhatDoesNotFit) {
  EXPECT_OCTAVO_ERROR(measure("f1", {{scores({0.1F}), 2}}), ErrorCode::kInvalidData, "dog.png",
                      "label 2", "0 or 1");
  EXPECT_OCTAVO_ERROR(measure("f1", {{scores({0.1F})}}), ErrorCode::kInvalidData, "no label");
  EXPECT_OCTAVO_ERROR(measure("f1", {{scores({0.1F, 1})}}), ErrorCode::kInvalidData, "no label");
  const GroundTruth two = {{"label_set", Tensor::of<std::int64_t>({2}, {0, 1})}};
  EXPECT_OCTAVO_ERROR(measure("f1", {{scores({0, 1, 2}), {}, two}}), ErrorCode::kInvalidData,
                      "2 classes", "3");
  const GroundTruth many = {{"label_set", Tensor::of<std::int64_t>({2}, {0, 4})}};
  EXPECT_OCTAVO_ERROR(measure("f1", {{scores({0, 1}), {}, many}}), ErrorCode::kInvalidData,
                      "label_set[1] is 4");
  EXPECT_OCTAVO_ERROR(open_metric("f1:half"), ErrorCode::kInvalidArgument, "'f1:half'", "f1:0.3");
}

GroundTruth label_map(std::initializer_list<std::int64_t> values) {
  return {{"label_map", Tensor::of<std::int64_t>({2, 2}, values)}};
}

TEST(Iou, OfScoresByHand) {
  // Answers 0 1 / 1 0 for labels 0 1 / 0 0: class 0 is 2 of 3, class 1 is 1 of 2.
  const Tensor output = Tensor::of<float>({1, 2, 2, 2}, {5, 1, 1, 5, 2, 3, 3, 2});
  EXPECT_DOUBLE_EQ(measure("iou", {{output, {}, label_map({0, 1, 0, 0})}}), (2.0 / 3 + 0.5) / 2);
  // What is labelled -1 or 255 has no part: only the pixel of class 1 is left.
  EXPECT_DOUBLE_EQ(measure("iou", {{output, {}, label_map({-1, 1, 255, -1})}}), 1);
}

TEST(Iou, SumsOverSamplesBeforeItDivides) {
  const Tensor zeros = Tensor::of<std::int64_t>({1, 2, 2}, {0, 0, 0, 0});
  const Tensor ones = Tensor::of<std::int64_t>({1, 1, 2, 2}, {1, 1, 1, 1});
  // Class 0: 4 of 5; class 1: 3 of 4.
  EXPECT_DOUBLE_EQ(
      measure("iou", {{zeros, {}, label_map({0, 0, 0, 0})}, {ones, {}, label_map({1, 1, 1, 0})}}),
      (4.0 / 5 + 3.0 / 4) / 2);
}

TEST(Iou, APixelOfNothingButNanIsNoClass) {
  const Tensor output = Tensor::of<float>({1, 2, 2, 2}, {kNan, 5, 5, 5, kNan, kNan, 1, 1});
  EXPECT_DOUBLE_EQ(measure("iou", {{output, {}, label_map({0, 0, 0, 0})}}), 3.0 / 4);
}

TEST(Iou, RefusesWhatDoesNotFit) {
  const Tensor output(DType::kFloat32, {1, 2, 2, 2});
  EXPECT_OCTAVO_ERROR(measure("iou", {{output, 1}}), ErrorCode::kInvalidData, "dog.png",
                      "'label_map'", "there is: labels");
  EXPECT_OCTAVO_ERROR(measure("iou", {{output, {}, label_map({0, 0, 0, 2})}}),
                      ErrorCode::kInvalidData, "class 2", "0 to 1", "-1 or 255");
  const Tensor larger(DType::kFloat32, {1, 2, 4, 4});
  EXPECT_OCTAVO_ERROR(measure("iou", {{larger, {}, label_map({0, 0, 0, 0})}}),
                      ErrorCode::kInvalidData, "[2, 2]", "[4, 4]");
  EXPECT_OCTAVO_ERROR(measure("iou", {{scores({1, 2}), {}, label_map({0, 0, 0, 0})}}),
                      ErrorCode::kInvalidData, "float32[1, 2]", "height, width");
}

}  // namespace
}  // namespace octavo
