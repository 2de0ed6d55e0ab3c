#include "search/accuracy_drop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

// One-hot inputs of four classes. Labels take turns: 0, 1, 0, 1, ...; every input is its label's.
class TakingTurns final : public Dataset {
 public:
  explicit TakingTurns(std::size_t count, bool with_labels = true)
      : count_(count), with_labels_(with_labels) {}
  std::size_t size() const override { return count_; }
  bool labelled() const override { return with_labels_; }
  Sample at(std::size_t index) const override {
    Sample sample;
    Tensor tensor(DType::kFloat32, {1, 4});
    tensor.mutable_as<float>()[index % 2] = 1;
    sample.inputs.push_back(std::move(tensor));
    if (with_labels_) sample.label = static_cast<std::int64_t>(index % 2);
    sample.name = std::to_string(index);
    return sample;
  }

 private:
  std::size_t count_;
  bool with_labels_;
};

Model identity() {
  return testing::parse_graph(
      "opset 13\ninput x: float32[N,4]\ny = Identity(x) \"i\"\noutput y: float32[N,4]\n");
}

// Class 1 becomes class 2.
Model wrong_on_class_1() {
  return testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    const order: int64[4] = 0 2 1 3
    y = Gather(x, order) {axis=1} "move"
    output y: float32[N,4]
  )");
}

std::vector<std::string> names(const Dataset& dataset) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < dataset.size(); ++i) result.push_back(dataset.at(i).name);
  return result;
}

TEST(HalfDataset, HalvesPartTheData) {
  for (const std::size_t count : {2U, 3U, 10U, 101U}) {
    const TakingTurns whole(count);
    std::vector<std::string> both = names(HalfDataset(whole, DataHalf::kSearch));
    EXPECT_EQ(both.size(), count / 2);
    for (std::string& name : names(HalfDataset(whole, DataHalf::kHoldOut))) {
      both.push_back(std::move(name));
    }
    std::vector<std::string> all = names(whole);
    std::sort(all.begin(), all.end());
    std::sort(both.begin(), both.end());
    EXPECT_EQ(both, all);
  }
}

TEST(HalfDataset, ClassesThatTakeTurnsAreInBothHalves) {
  const TakingTurns whole(200);
  for (const DataHalf half : {DataHalf::kSearch, DataHalf::kHoldOut}) {
    const HalfDataset view(whole, half);
    std::int64_t of_class_1 = 0;
    for (std::size_t i = 0; i < view.size(); ++i) of_class_1 += *view.at(i).label;
    EXPECT_GT(of_class_1, 35);
    EXPECT_LT(of_class_1, 65);
  }
}

TEST(AccuracyDrop, ByLabelAndByAgreement) {
  const auto executor = make_executor("onnxruntime");
  for (const bool labelled : {true, false}) {
    const TakingTurns data(200, labelled);
    const AccuracyDrop accuracy(identity(), data, *executor, 2);
    EXPECT_EQ(accuracy.metric().name, labelled ? "top1" : "agreement");
    EXPECT_EQ(accuracy.float_value(DataHalf::kSearch), 1);
    EXPECT_EQ(accuracy.of(identity(), DataHalf::kHoldOut).value, 1);
    EXPECT_NEAR(accuracy.of(wrong_on_class_1(), DataHalf::kSearch).value, 0.5, 0.15);
    EXPECT_EQ(accuracy.of(wrong_on_class_1(), DataHalf::kSearch).value +
                  accuracy.of(wrong_on_class_1(), DataHalf::kHoldOut).value,
              1);
  }
}

TEST(AccuracyDrop, BothHalvesAtOnceAreAsEachAlone) {
  const auto executor = make_executor("onnxruntime");
  const TakingTurns data(51);
  const AccuracyDrop accuracy(identity(), data, *executor, 2);
  const AccuracyInHalves both = accuracy.in_halves(wrong_on_class_1());
  const CandidateAccuracy search = accuracy.of(wrong_on_class_1(), DataHalf::kSearch);
  const CandidateAccuracy hold_out = accuracy.of(wrong_on_class_1(), DataHalf::kHoldOut);
  EXPECT_EQ(both.search.value, search.value);
  EXPECT_EQ(both.search.samples, 25u);
  EXPECT_EQ(both.hold_out.value, hold_out.value);
  EXPECT_EQ(both.hold_out.samples, 26u);
  EXPECT_NE(search.value, hold_out.value) << "or the halves could be swapped unseen";
}

// Classes 0 and 1 trade places; half of the labels say so already.
class HalfTraded final : public Dataset {
 public:
  std::size_t size() const override { return 80; }
  bool labelled() const override { return true; }
  Sample at(std::size_t index) const override {
    Sample sample = TakingTurns(80).at(index);
    if (index % 4 < 2) sample.label = 1 - *sample.label;
    return sample;
  }
};

TEST(AccuracyDrop, WhatIsWonByChanceDoesNotMakeUpForWhatIsLost) {
  const Model traded = testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    const order: int64[4] = 1 0 2 3
    y = Gather(x, order) {axis=1} "trade"
    output y: float32[N,4]
  )");
  const auto executor = make_executor("onnxruntime");
  const HalfTraded data;
  const AccuracyDrop accuracy(identity(), data, *executor, 1);
  const CandidateAccuracy found = accuracy.of(traded, DataHalf::kSearch);
  EXPECT_EQ(accuracy.float_value(DataHalf::kSearch), 0.5);
  EXPECT_EQ(found.value, 0.5);
  EXPECT_EQ(found.lost, 0.5);
}

// Fewer than half are right of the wrong model's answers: an eighth of 100 samples shows it.
TEST(AccuracyDrop, WhatLosesTooMuchIsGivenUpEarly) {
  const auto executor = make_executor("onnxruntime");
  const TakingTurns data(200);
  for (const int threads : {1, 3}) {
    const AccuracyDrop accuracy(identity(), data, *executor, threads);
    const CandidateAccuracy given_up =
        accuracy.unless_lost(wrong_on_class_1(), DataHalf::kSearch, 0.02);
    EXPECT_EQ(given_up.samples, 13U);
    EXPECT_GT(given_up.lost, 0.02);
    EXPECT_NEAR(given_up.value + given_up.lost, 1, 1e-12);
    const CandidateAccuracy within =
        accuracy.unless_lost(wrong_on_class_1(), DataHalf::kSearch, 0.8);
    const CandidateAccuracy whole = accuracy.of(wrong_on_class_1(), DataHalf::kSearch);
    EXPECT_EQ(within.samples, 100U);
    EXPECT_EQ(within.value, whole.value);
    EXPECT_EQ(within.lost, whole.lost);
    const CandidateAccuracy at_the_border =
        accuracy.unless_lost(wrong_on_class_1(), DataHalf::kSearch, whole.lost);
    EXPECT_EQ(at_the_border.samples, 100U) << "as much as may be lost is not too much";
  }
}

TEST(AccuracyDrop, GradedMetricsSeeEverySample) {
  const auto executor = make_executor("onnxruntime");
  const TakingTurns data(40);
  const AccuracyDrop noise(identity(), data, *executor, 2, {"sqnr"});
  EXPECT_EQ(noise.unless_lost(wrong_on_class_1(), DataHalf::kSearch, 0).samples, 20U);
}

TEST(AccuracyDrop, OfAGradedMetricIsHowMuchWorseItGets) {
  const auto executor = make_executor("onnxruntime");
  const TakingTurns data(40);
  const AccuracyDrop noise(identity(), data, *executor, 2, {"sqnr"});
  const CandidateAccuracy found = noise.of(wrong_on_class_1(), DataHalf::kSearch);
  EXPECT_EQ(found.lost, -found.value) << "float has no noise at all: told from 0 dB on";
  EXPECT_LT(noise.drop_of(30, DataHalf::kSearch), noise.drop_of(20, DataHalf::kSearch));
  EXPECT_EQ(noise.drop_of(std::nan(""), DataHalf::kSearch), HUGE_VAL);
  const AccuracyDrop error(identity(), data, *executor, 2, {"mse"});
  EXPECT_EQ(error.float_value(DataHalf::kSearch), 0);
  EXPECT_NEAR(error.drop_of(0.25, DataHalf::kSearch), 0.25, 1e-12) << "lower is better";
}

TEST(AccuracyDrop, AnswersExpectedToBeLostAreToldByTheScores) {
  const auto executor = make_executor("onnxruntime");
  const TakingTurns data(40, /*with_labels=*/false);
  const AccuracyDrop accuracy(identity(), data, *executor, 2,
                              {"sqnr", LossMeasure::kExpectedAnswers});
  const CandidateAccuracy equal = accuracy.of(identity(), DataHalf::kSearch);
  EXPECT_EQ(equal.lost, 0);
  EXPECT_EQ(equal.drop, 0);
  const CandidateAccuracy found = accuracy.of(wrong_on_class_1(), DataHalf::kSearch);
  EXPECT_GT(found.value, -10) << "dB all the same";
  EXPECT_NEAR(found.lost, 0.5 / (1 + std::exp(-1.0)), 0.15);
  EXPECT_EQ(found.drop, found.lost);
  EXPECT_OCTAVO_ERROR(AccuracyDrop(identity(), TakingTurns(40), *executor, 1,
                                   {"top1", LossMeasure::kExpectedAnswers}),
                      ErrorCode::kInvalidArgument, "not beside 'top1'");
}

TEST(AccuracyDrop, NeedsTwoSamples) {
  const auto executor = make_executor("onnxruntime");
  EXPECT_OCTAVO_ERROR(AccuracyDrop(identity(), TakingTurns(1), *executor, 1),
                      ErrorCode::kInvalidData, "1 sample(s)", "at least 2");
}

}  // namespace
}  // namespace octavo
