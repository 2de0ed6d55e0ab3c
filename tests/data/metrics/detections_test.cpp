#include "data/metrics/detections.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "support/error_matchers.h"

namespace octavo {
namespace {

struct Truth {
  Box box;
  int number;
};

// One sample's answer and what is true of it.
struct Case {
  std::vector<Detection> detections;
  std::vector<Truth> truth;
};

Tensor boxes_tensor(const std::vector<Box>& boxes, bool batched) {
  std::vector<float> values;
  for (const Box& box : boxes) {
    for (const double value : box) values.push_back(static_cast<float>(value));
  }
  const auto count = static_cast<std::int64_t>(boxes.size());
  return Tensor::of<float>(batched ? Shape{1, count, 4} : Shape{count, 4}, values);
}

GroundTruth truth_of(const std::vector<Truth>& truth) {
  std::vector<Box> boxes;
  std::vector<std::int64_t> classes;
  for (const Truth& one : truth) {
    boxes.push_back(one.box);
    classes.push_back(one.number);
  }
  boxes.push_back({-1, -1, -1, -1});  // padding
  classes.push_back(-1);
  const auto count = static_cast<std::int64_t>(classes.size());
  return {{"boxes", boxes_tensor(boxes, false)},
          {"classes", Tensor::of<std::int64_t>({count}, classes)}};
}

// Boxes, scores and classes, as detectors with their own suppression give them.
std::vector<Tensor> outputs_of(const std::vector<Detection>& detections) {
  std::vector<Box> boxes;
  std::vector<float> scores;
  std::vector<std::int64_t> classes;
  for (const Detection& detection : detections) {
    boxes.push_back(detection.box);
    scores.push_back(static_cast<float>(detection.score));
    classes.push_back(static_cast<std::int64_t>(detection.class_number));
  }
  const auto count = static_cast<std::int64_t>(detections.size());
  return {boxes_tensor(boxes, true), Tensor::of<float>({1, count}, scores),
          Tensor::of<std::int64_t>({1, count}, classes)};
}

double measure(const std::string& metric, const std::vector<Case>& cases) {
  const auto opened = open_metric(metric);
  MetricAccumulator accumulator(*opened);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::vector<Tensor> outputs = outputs_of(cases[i].detections);
    const GroundTruth truth = truth_of(cases[i].truth);
    accumulator.add(i, {outputs, {}, {}, "sample", &truth});
  }
  return accumulator.value().value;
}

constexpr Box kBox = {0, 0, 10, 10};
constexpr Box kFar = {100, 100, 120, 110};

// Overlaps kBox by `share`.
Box overlapping(double share) { return {0, 0, 10, 10 * share}; }

TEST(Overlap, ByHand) {
  EXPECT_DOUBLE_EQ(intersection_over_union(kBox, kBox), 1);
  EXPECT_DOUBLE_EQ(intersection_over_union(kBox, {5, 0, 15, 10}), 50.0 / 150);
  EXPECT_DOUBLE_EQ(intersection_over_union(kBox, kFar), 0);
  EXPECT_DOUBLE_EQ(intersection_over_union(kBox, {10, 10, 0, 0}), 0) << "a box the wrong way round";
}

TEST(MeanAveragePrecision, OfOneBoxFoundExactly) {
  EXPECT_DOUBLE_EQ(measure("map", {{{{kBox, 0.9, 3}}, {{kBox, 3}}}}), 1);
  EXPECT_DOUBLE_EQ(measure("map", {{{{kBox, 0.9, 2}}, {{kBox, 3}}}}), 0) << "another class";
  EXPECT_DOUBLE_EQ(measure("map", {{{{kFar, 0.9, 3}}, {{kBox, 3}}}}), 0);
}

TEST(MeanAveragePrecision, CountsOverlapsFromAHalf) {
  // 0.72 reaches 0.50, 0.55, 0.60, 0.65 and 0.70: five of the ten.
  const std::vector<Case> cases = {{{{overlapping(0.72), 0.9, 0}}, {{kBox, 0}}}};
  EXPECT_DOUBLE_EQ(measure("map", cases), 0.5);
  EXPECT_DOUBLE_EQ(measure("map50", cases), 1);
  EXPECT_DOUBLE_EQ(measure("map50", {{{{overlapping(0.5), 0.9, 0}}, {{kBox, 0}}}}), 1);
  EXPECT_DOUBLE_EQ(measure("map50", {{{{overlapping(0.49), 0.9, 0}}, {{kBox, 0}}}}), 0);
}

TEST(MeanAveragePrecision, InterpolatesOverRecalls) {
  // Right, wrong, right, of two: precision 1 to recall 0.5 (51 of the 101 points), then 2/3.
  const std::vector<Case> cases = {
      {{{kBox, 0.9, 0}, {{50, 50, 60, 60}, 0.8, 0}, {kFar, 0.7, 0}}, {{kBox, 0}, {kFar, 0}}}};
  EXPECT_NEAR(measure("map50", cases), (51 + 50 * 2.0 / 3) / 101, 1e-12);
}

TEST(MeanAveragePrecision, ASecondDetectionOfABoxIsWrong) {
  // Wrong only after the right one: precision at recall 1 stays 1. The other way round it is 1/2.
  EXPECT_DOUBLE_EQ(measure("map50", {{{{kBox, 0.9, 0}, {kBox, 0.8, 0}}, {{kBox, 0}}}}), 1);
  EXPECT_DOUBLE_EQ(measure("map50", {{{{kFar, 0.9, 0}, {kBox, 0.8, 0}}, {{kBox, 0}}}}), 0.5);
}

TEST(MeanAveragePrecision, IsAMeanOverClassesWithATrueBoxOverAllSamples) {
  const std::vector<Case> cases = {
      {{{kBox, 0.9, 0}, {kFar, 0.99, 7}}, {{kBox, 0}}},  // nothing is of class 7: it has no part
      {{}, {{kBox, 1}}},                                 // missed
  };
  EXPECT_DOUBLE_EQ(measure("map50", cases), 0.5);
  EXPECT_DOUBLE_EQ(measure("map50", {{{{kFar, 0.99, 7}}, {}}}), 0) << "no true box at all";
}

TEST(MeanAveragePrecision, NoMoreThanAHundredDetectionsOfAClassAndSampleCount) {
  Case full;
  full.truth = {{kBox, 0}};
  for (int i = 0; i < 100; ++i) full.detections.push_back({kFar, 0.9, 0});
  full.detections.push_back({kBox, 0.1, 0});
  EXPECT_DOUBLE_EQ(measure("map50", {full}), 0);
  full.detections.erase(full.detections.begin());
  EXPECT_DOUBLE_EQ(measure("map50", {full}), 0.01);
}

// The definition, taken word by word: for every recall the best precision of any number of
// detections that reaches it, each number matched from scratch.
class Oracle {
 public:
  explicit Oracle(const std::vector<Case>& cases) : cases_(cases) {}

  double mean(std::size_t overlaps) const {
    std::set<int> classes;
    for (const Case& one : cases_) {
      for (const Truth& truth : one.truth) classes.insert(truth.number);
    }
    double sum = 0;
    for (const int number : classes) {
      for (std::size_t i = 0; i < overlaps; ++i)
        sum += precision_of(number, 0.5 + 0.05 * static_cast<double>(i));
    }
    return sum / static_cast<double>(classes.size() * overlaps);
  }

 private:
  double precision_of(int number, double overlap) const {
    std::vector<std::pair<double, std::size_t>> scores;  // of this class; sample
    int truths = 0;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      for (const Detection& one : cases_[i].detections) {
        if (one.class_number == number) scores.emplace_back(one.score, i);
      }
      for (const Truth& one : cases_[i].truth) truths += one.number == number ? 1 : 0;
    }
    std::sort(scores.rbegin(), scores.rend());
    std::vector<int> right;  // of the first 1, 2, ...
    right.reserve(scores.size());
    for (const auto& [score, unused] : scores) right.push_back(matched(number, overlap, score));
    double sum = 0;
    for (int recall = 0; recall <= 100; ++recall) {
      double best = 0;
      for (std::size_t i = 0; i < right.size(); ++i) {
        if (100 * right[i] < recall * truths) continue;
        best = std::max(best, static_cast<double>(right[i]) / static_cast<double>(i + 1));
      }
      sum += best;
    }
    return sum / 101;
  }

  // True boxes found by the detections that score at least `lowest`.
  int matched(int number, double overlap, double lowest) const {
    int right = 0;
    for (const Case& one : cases_) {
      std::vector<Detection> left;
      for (const Detection& detection : one.detections) {
        if (detection.class_number == number && detection.score >= lowest)
          left.push_back(detection);
      }
      std::vector<Box> free;
      for (const Truth& truth : one.truth) {
        if (truth.number == number) free.push_back(truth.box);
      }
      while (!left.empty() && !free.empty()) {
        const auto next =
            std::max_element(left.begin(), left.end(),
                             [](const auto& a, const auto& b) { return a.score < b.score; });
        // Of those that it overlaps alike, the last, as the reference tool does.
        std::size_t nearest = 0;
        for (std::size_t i = 1; i < free.size(); ++i) {
          if (iou(next->box, free[i]) >= iou(next->box, free[nearest])) nearest = i;
        }
        if (iou(next->box, free[nearest]) >= overlap - 1e-12) {
          free.erase(free.begin() + static_cast<std::ptrdiff_t>(nearest));
          ++right;
        }
        left.erase(next);
      }
    }
    return right;
  }

  // By counting unit squares: the boxes have whole corners.
  static double iou(const Box& a, const Box& b) {
    int both = 0;
    int either = 0;
    for (int x = -1; x < 26; ++x) {
      for (int y = -1; y < 26; ++y) {
        const auto in = [&](const Box& box) {
          return x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
        };
        both += in(a) && in(b) ? 1 : 0;
        either += in(a) || in(b) ? 1 : 0;
      }
    }
    return either == 0 ? 0 : static_cast<double>(both) / either;
  }

  const std::vector<Case>& cases_;
};

std::vector<Case> random_cases(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto draw = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  const auto box = [&] {
    const double left = draw(12);
    const double top = draw(12);
    return Box{left, top, left + 3 + draw(9), top + 3 + draw(9)};
  };
  std::vector<Case> cases(3);
  for (Case& one : cases) {
    for (int i = draw(5); i > 0; --i) one.truth.push_back({box(), draw(3)});
    for (const Truth& truth : one.truth) {  // most are found, more or less
      if (draw(4) == 0) continue;
      Box near = truth.box;
      near[static_cast<std::size_t>(draw(4))] += draw(3) - 1;
      one.detections.push_back(
          {near, (1 + draw(100000)) / 100001.0, static_cast<double>(truth.number)});
    }
    for (int i = draw(6); i > 0; --i) {
      one.detections.push_back(
          {box(), (1 + draw(100000)) / 100001.0, static_cast<double>(draw(4))});
    }
  }
  return cases;
}

TEST(MeanAveragePrecision, IsWhatItsDefinitionSaysOfRandomDetections) {
  int with_boxes = 0;
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<Case> cases = random_cases(seed);
    const bool any =
        std::any_of(cases.begin(), cases.end(), [](const Case& one) { return !one.truth.empty(); });
    if (!any) continue;
    ++with_boxes;
    EXPECT_NEAR(measure("map", cases), Oracle(cases).mean(10), 1e-9);
    EXPECT_NEAR(measure("map50", cases), Oracle(cases).mean(1), 1e-9);
  }
  EXPECT_GT(with_boxes, 80);
}

MetricInput input_of(const std::vector<Tensor>& outputs,
                     const std::vector<std::string>& names = {}) {
  return {outputs, {}, {}, "street.jpg", nullptr, names};
}

TEST(ReadDetections, TakesAScoreForEachClass) {
  const std::vector<Tensor> outputs = {Tensor::of<float>({1, 2, 3}, {0.5F, 0, 0.25F, 0, 0, 0.125F}),
                                       Tensor::of<float>({1, 2, 4}, {5, 6, 2, 4, 1, 1, 2, 2})};
  const std::vector<Detection> found = read_detections(input_of(outputs), BoxForm::kCxcywh);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].box, (Box{4, 4, 6, 8}));
  EXPECT_EQ(found[1].class_number, 2);
  EXPECT_EQ(found[1].score, 0.25);
  EXPECT_EQ(found[2].box, (Box{0, 0, 2, 2}));
}

TEST(ReadDetections, TellsClassesFromScoresByTypeOrName) {
  const Tensor boxes = Tensor::of<float>({1, 1, 4}, {0, 0, 1, 1});
  const Tensor score = Tensor::of<float>({1, 1}, {0.5F});
  const Tensor number = Tensor::of<float>({1, 1}, {7});
  const Tensor whole = Tensor::of<std::int64_t>({1, 1}, {7});
  const std::vector<Tensor> by_type = {boxes, whole, score};
  EXPECT_EQ(read_detections(input_of(by_type), BoxForm::kXyxy)[0].class_number, 7);
  const std::vector<Tensor> by_name = {boxes, score, number};
  const std::vector<std::string> names = {"detection_boxes", "scores", "detection_classes"};
  EXPECT_EQ(read_detections(input_of(by_name, names), BoxForm::kXyxy)[0].class_number, 7);
  EXPECT_OCTAVO_ERROR(read_detections(input_of(by_name), BoxForm::kXyxy), ErrorCode::kInvalidData,
                      "street.jpg", "whole numbers", "class or label");
}

TEST(ReadDetections, TakesOutputsWithoutABatch) {
  const std::vector<Tensor> one = {Tensor::of<float>({1, 4}, {0, 0, 1, 1}),
                                   Tensor::of<std::int64_t>({1}, {2}),
                                   Tensor::of<float>({1}, {0.5F})};
  EXPECT_EQ(read_detections(input_of(one), BoxForm::kXyxy).size(), 1U);
  const std::vector<Tensor> none = {Tensor(DType::kFloat32, {0, 4}), Tensor(DType::kInt64, {0}),
                                    Tensor(DType::kFloat32, {0})};
  EXPECT_TRUE(read_detections(input_of(none), BoxForm::kXyxy).empty());
}

TEST(ReadDetections, WhatHasNoScoreIsNone) {
  const std::vector<Tensor> outputs = {
      Tensor::of<float>({1, 3, 4}, {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1}),
      Tensor::of<float>({1, 3}, {0, std::nanf(""), 0.5F}),
      Tensor::of<std::int64_t>({1, 3}, {0, 1, 2})};
  const auto found = read_detections(input_of(outputs), BoxForm::kXyxy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_number, 2);
}

TEST(ReadDetections, RefusesOtherOutputs) {
  const std::vector<Tensor> no_boxes = {Tensor(DType::kFloat32, {1, 10})};
  EXPECT_OCTAVO_ERROR(read_detections(input_of(no_boxes), BoxForm::kXyxy), ErrorCode::kInvalidData,
                      "street.jpg", "[N, M, 4]", "float32[1, 10]");
  const std::vector<Tensor> alone = {Tensor(DType::kFloat32, {1, 10, 4})};
  EXPECT_OCTAVO_ERROR(read_detections(input_of(alone), BoxForm::kXyxy), ErrorCode::kInvalidData,
                      "beside 10 boxes", "scores");
}

TEST(MeanAveragePrecision, NeedsTrueBoxes) {
  const std::vector<Tensor> outputs = outputs_of({{kBox, 0.5, 0}});
  EXPECT_OCTAVO_ERROR(find_metric("map").score({outputs, {}, 3, "street.jpg"}),
                      ErrorCode::kInvalidData, "street.jpg", "'boxes'", "truth: {boxes: ...}",
                      "there is: labels");
  const GroundTruth odd = {{"boxes", Tensor(DType::kFloat32, {2, 4})},
                           {"classes", Tensor(DType::kInt64, {3})}};
  EXPECT_OCTAVO_ERROR(find_metric("map").score({outputs, {}, {}, "street.jpg", &odd}),
                      ErrorCode::kInvalidData, "[2, 4]", "[3]", "[N, K, 4]");
}

TEST(MeanAveragePrecision, SaysHowBoxesMayBeWritten) {
  EXPECT_EQ(open_metric("map:cxcywh")->name, "map:cxcywh");
  EXPECT_EQ(open_metric("map50:xyxy")->name, "map50");
  EXPECT_OCTAVO_ERROR(open_metric("map:xywh"), ErrorCode::kInvalidArgument, "'map:xywh'",
                      "map:xyxy or map:cxcywh");
  const std::vector<Tensor> outputs = {Tensor::of<float>({1, 1, 4}, {5, 5, 10, 10}),
                                       Tensor::of<float>({1, 1}, {0.5F}),
                                       Tensor::of<std::int64_t>({1, 1}, {0})};
  const GroundTruth truth = truth_of({{kBox, 0}});
  const auto metric = open_metric("map:cxcywh");
  MetricAccumulator alive(*metric);
  alive.add(0, {outputs, {}, {}, "s", &truth});
  EXPECT_DOUBLE_EQ(alive.value().value, 1);
}

}  // namespace
}  // namespace octavo
