#include "octavo/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "data/test_files.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor scores(std::initializer_list<float> values) {
  return Tensor::of<float>({1, static_cast<std::int64_t>(values.size())}, values);
}

// The metric of one sample.
double measure(std::string_view metric, const Tensor& output, const Tensor& reference,
               std::optional<std::int64_t> label = std::nullopt) {
  MetricAccumulator accumulator(find_metric(metric));
  accumulator.add(0, {{&output, 1}, {&reference, 1}, label, "sample"});
  return accumulator.value().value;
}

double measure_label(std::string_view metric, const Tensor& output, std::int64_t label) {
  MetricAccumulator accumulator(find_metric(metric));
  accumulator.add(0, {{&output, 1}, {}, label, "dog.png"});
  return accumulator.value().value;
}

TEST(Metrics, AreSortedAndFoundByName) {
  std::string previous;
  for (const Metric* metric : metrics()) {
    EXPECT_LT(previous, metric->name);
    EXPECT_EQ(&find_metric(metric->name), metric);
    EXPECT_FALSE(metric->help.empty());
    previous = metric->name;
  }
  EXPECT_OCTAVO_ERROR(find_metric("accuracy"), ErrorCode::kInvalidArgument, "'accuracy'",
                      "agreement, cosine, f1, iou, kl, map, map50, mse, sqnr, top1, top5");
}

TEST(Top1, IsTheHighestScoreTheFirstOfEqualOnes) {
  EXPECT_EQ(measure_label("top1", scores({1, 3, 2}), 1), 1);
  EXPECT_EQ(measure_label("top1", scores({1, 3, 2}), 2), 0);
  EXPECT_EQ(measure_label("top1", scores({3, 3, 2}), 0), 1);
  EXPECT_EQ(measure_label("top1", scores({3, 3, 2}), 1), 0);
}

TEST(Top1, NanIsNoAnswer) {
  EXPECT_EQ(measure_label("top1", scores({kNan, 1}), 1), 1);
  EXPECT_EQ(measure_label("top1", scores({kNan, 1}), 0), 0);
  EXPECT_EQ(measure_label("top1", scores({kNan, kNan}), 0), 0);
  EXPECT_EQ(measure_label("top5", scores({kNan, kNan, kNan, kNan, kNan, kNan, kNan}), 0), 0);
}

TEST(Top1, TakesAWholeNumberAsTheClass) {
  EXPECT_EQ(measure_label("top1", Tensor::of<std::int64_t>({1}, {7}), 7), 1);
  EXPECT_EQ(measure_label("top1", Tensor::of<std::int64_t>({1}, {7}), 6), 0);
  EXPECT_EQ(
      measure("agreement", Tensor::of<std::int64_t>({1}, {7}), Tensor::of<std::int64_t>({1}, {7})),
      1);
}

TEST(Top1, AcceptsAnyAxisOfClasses) {
  EXPECT_EQ(measure_label("top1", Tensor::of<float>({1, 3, 1, 1}, {0, 1, 0}), 1), 1);
}

TEST(Top5, CountsTheFirstFive) {
  const Tensor output = scores({6, 5, 4, 3, 2, 1});
  EXPECT_EQ(measure_label("top5", output, 4), 1);
  EXPECT_EQ(measure_label("top5", output, 5), 0);
  EXPECT_EQ(measure_label("top5", scores({0, 0, 0, 0, 0, 0}), 4), 1);
  EXPECT_EQ(measure_label("top5", scores({0, 0, 0, 0, 0, 0}), 5), 0);
}

TEST(Accuracies, RefuseLabelsAndOutputsThatDoNotFit) {
  EXPECT_OCTAVO_ERROR(measure_label("top1", scores({1, 2, 3}), 3), ErrorCode::kInvalidData,
                      "dog.png", "label 3", "0 to 2", "3 classes", "label_offset");
  EXPECT_OCTAVO_ERROR(measure_label("top5", scores({1, 2, 3}), -1), ErrorCode::kInvalidData,
                      "label -1");
  EXPECT_OCTAVO_ERROR(measure("top1", scores({1, 2}), scores({1, 2})), ErrorCode::kInvalidData,
                      "sample", "no label");
  EXPECT_OCTAVO_ERROR(measure_label("top1", Tensor(DType::kFloat32, {1, 4, 4, 2}), 1),
                      ErrorCode::kInvalidData, "float32[1, 4, 4, 2]", "no scores");
  EXPECT_OCTAVO_ERROR(measure_label("top1", Tensor(DType::kFloat32, {1, 1}), 0),
                      ErrorCode::kInvalidData, "float32[1, 1]", "two or more classes");
}

TEST(Agreement, ComparesTheTopClasses) {
  EXPECT_EQ(measure("agreement", scores({1, 9}), scores({0.1F, 0.2F})), 1);
  EXPECT_EQ(measure("agreement", scores({9, 1}), scores({0.1F, 0.2F})), 0);
  EXPECT_EQ(measure("agreement", scores({kNan, kNan}), scores({kNan, kNan})), 0);
}

TEST(Mse, ByHand) {
  EXPECT_EQ(measure("mse", scores({1, 2, 3, 4}), scores({1, 2, 3, 4})), 0);
  EXPECT_EQ(measure("mse", scores({1, 2, 3, 4}), scores({1, 4, 3, 3})), (4.0 + 1.0) / 4);
}

TEST(Sqnr, ByHand) {
  // 100 + 0 over 0 + 1: 20 dB.
  EXPECT_DOUBLE_EQ(measure("sqnr", scores({10, 1}), scores({10, 0})), 20);
  EXPECT_EQ(measure("sqnr", scores({1, 2}), scores({1, 2})),
            std::numeric_limits<double>::infinity());
  EXPECT_EQ(measure("sqnr", scores({1, 2}), scores({0, 0})),
            -std::numeric_limits<double>::infinity());
}

TEST(Cosine, ByHand) {
  EXPECT_DOUBLE_EQ(measure("cosine", scores({2, 0}), scores({5, 0})), 1);
  EXPECT_DOUBLE_EQ(measure("cosine", scores({2, 0}), scores({0, 5})), 0);
  EXPECT_DOUBLE_EQ(measure("cosine", scores({1, 1}), scores({-1, -1})), -1);
  EXPECT_DOUBLE_EQ(measure("cosine", scores({3, 4}), scores({4, 3})), 24.0 / 25);
  EXPECT_EQ(measure("cosine", scores({0, 0}), scores({0, 0})), 1);
  EXPECT_EQ(measure("cosine", scores({0, 0}), scores({0, 1})), 0);
}

TEST(Kl, OfDistributionsByHand) {
  const double expected = 0.75 * std::log(0.75 / 0.5) + 0.25 * std::log(0.25 / 0.5);
  EXPECT_NEAR(measure("kl", scores({0.5F, 0.5F}), scores({0.75F, 0.25F})), expected, 1e-12);
  // A code of 0 where the float model sees a chance of 1/4 costs, but not infinity.
  EXPECT_NEAR(measure("kl", scores({1, 0}), scores({0.75F, 0.25F})),
              0.75 * std::log(0.75) + 0.25 * std::log(0.25 / 1e-12), 1e-12);
}

TEST(Kl, OfLogitsGoesThroughSoftmax) {
  const double p = 1 / (1 + std::exp(-2.0));
  const double expected = p * std::log(p / 0.5) + (1 - p) * std::log((1 - p) / 0.5);
  EXPECT_NEAR(measure("kl", scores({7, 7}), scores({3, 1})), expected, 1e-12);
  EXPECT_EQ(measure("kl", scores({1000, 0}), scores({1000, 0})), 0);
}

TEST(ReferenceMetrics, LetNanThrough) {
  for (const char* name : {"cosine", "kl", "mse", "sqnr"}) {
    EXPECT_TRUE(std::isnan(measure(name, scores({kNan, 1}), scores({1, 1})))) << name;
  }
}

TEST(ReferenceMetrics, TakeAllOutputs) {
  const std::vector<Tensor> outputs = {scores({1, 2}), scores({3})};
  const std::vector<Tensor> reference = {scores({1, 2}), scores({0})};
  MetricAccumulator accumulator(find_metric("mse"));
  accumulator.add(0, {outputs, reference, std::nullopt, "s"});
  EXPECT_EQ(accumulator.value().value, 3);
}

TEST(ReferenceMetrics, RefuseOutputsThatDoNotMatch) {
  for (const Metric* metric : metrics()) {
    if (metric->need != MetricNeed::kReference) continue;
    SCOPED_TRACE(metric->name);
    const Tensor output = scores({1, 2});
    EXPECT_OCTAVO_ERROR(metric->score({{&output, 1}, {}, std::nullopt, "dog.png"}),
                        ErrorCode::kInvalidData, "dog.png", "reference");
    if (metric->name == "agreement") continue;
    const Tensor longer = scores({1, 2, 3});
    EXPECT_OCTAVO_ERROR(metric->score({{&output, 1}, {&longer, 1}, std::nullopt, "dog.png"}),
                        ErrorCode::kInvalidData, "dog.png", "[1, 2]", "[1, 3]");
  }
}

TEST(WilsonInterval, AsPublished) {
  // 81 of 263: 0.2553 to 0.3662 (R. G. Newcombe, Statistics in Medicine 17, 1998, table I).
  const Interval interval = wilson_interval_95(81, 263);
  EXPECT_NEAR(interval.lower, 0.2553, 5e-5);
  EXPECT_NEAR(interval.upper, 0.3662, 5e-5);
  // 0 of 20 and 1 of 29 from the same table.
  EXPECT_NEAR(wilson_interval_95(0, 20).lower, 0, 1e-12);
  EXPECT_NEAR(wilson_interval_95(0, 20).upper, 0.1611, 5e-5);
  EXPECT_NEAR(wilson_interval_95(1, 29).lower, 0.0061, 5e-5);
  EXPECT_NEAR(wilson_interval_95(1, 29).upper, 0.1718, 5e-5);
  EXPECT_EQ(wilson_interval_95(0, 0).lower, 0);
  EXPECT_EQ(wilson_interval_95(0, 0).upper, 1);
}

// What holds for every metric of the list.
class EveryMetric : public ::testing::TestWithParam<const Metric*> {
 protected:
  static constexpr std::size_t kSamples = 50;

  void add(MetricAccumulator& accumulator, std::size_t index) const {
    std::mt19937 random(static_cast<unsigned>(index));
    std::normal_distribution<float> normal;
    Tensor output(DType::kFloat32, {1, 10});
    Tensor reference(DType::kFloat32, {1, 10});
    for (std::size_t i = 0; i < output.size(); ++i) {
      reference.mutable_as<float>()[i] = normal(random);
      output.mutable_as<float>()[i] = reference.as<float>()[i] + 0.5F * normal(random);
    }
    const bool draws = accumulator.metric().name == "iou";
    const bool finds = accumulator.metric().name.starts_with("map");
    const GroundTruth truth = truth_of(index);
    std::vector<Tensor> outputs = {draws ? output.reshaped({1, 5, 1, 2}) : output};
    if (finds) {
      const Tensor boxes = Tensor::of<float>({1, 2, 4}, {0, 0, 9, 9, 1, 1, 4, 4});
      const float first = std::abs(output.as<float>()[0]);
      outputs = {boxes, Tensor::of<float>({1, 2}, {first, 0.5F}),
                 Tensor::of<std::int64_t>({1, 2}, {0, 1})};
    }
    accumulator.add(index, {outputs, {&reference, 1}, index % 10, "s", &truth});
  }

  static GroundTruth truth_of(std::size_t index) {
    const auto number = static_cast<std::int64_t>(index % 2);
    return {{"boxes", Tensor::of<float>({1, 4}, {0, 0, 9, 10})},
            {"classes", Tensor::of<std::int64_t>({1}, {number})},
            {"label_map", Tensor::of<std::int64_t>({1, 2}, {number, 3})}};
  }
};

TEST_P(EveryMetric, IsTheSameInAnyOrderAndInShards) {
  MetricAccumulator whole(*GetParam());
  for (std::size_t i = 0; i < kSamples; ++i) add(whole, i);
  std::vector<MetricAccumulator> shards(3, MetricAccumulator(*GetParam()));
  for (std::size_t i = kSamples; i-- > 0;) add(shards[i % 3], i);
  MetricAccumulator merged = shards[2];
  merged.merge(shards[0]);
  merged.merge(shards[1]);
  EXPECT_EQ(merged.samples(), kSamples);
  EXPECT_EQ(merged.value().value, whole.value().value);  // to the bit
  EXPECT_EQ(whole.value().samples, kSamples);
}

TEST_P(EveryMetric, HasAnIntervalAroundItIfItIsAShare) {
  MetricAccumulator accumulator(*GetParam());
  for (std::size_t i = 0; i < kSamples; ++i) add(accumulator, i);
  const MetricValue value = accumulator.value();
  if (!value.interval_95) return;
  EXPECT_LT(value.interval_95->lower, value.value);
  EXPECT_GT(value.interval_95->upper, value.value);
}

TEST_P(EveryMetric, RefusesNoSamplesTheSameSampleTwiceAndOtherMetrics) {
  MetricAccumulator accumulator(*GetParam());
  EXPECT_OCTAVO_ERROR(accumulator.value(), ErrorCode::kInvalidData, "no samples");
  add(accumulator, 3);
  add(accumulator, 3);
  EXPECT_OCTAVO_ERROR(accumulator.value(), ErrorCode::kInvalidArgument, "sample 3 came twice");
  const Metric& other = find_metric(GetParam()->name == "mse" ? "kl" : "mse");
  EXPECT_OCTAVO_ERROR(accumulator.merge(MetricAccumulator(other)), ErrorCode::kInvalidArgument,
                      other.name, GetParam()->name);
}

INSTANTIATE_TEST_SUITE_P(List, EveryMetric, ::testing::ValuesIn(metrics().begin(), metrics().end()),
                         [](const auto& test_info) { return std::string(test_info.param->name); });

}  // namespace
}  // namespace octavo
