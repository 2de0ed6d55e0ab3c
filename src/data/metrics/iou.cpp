// Mean intersection over union of a semantic segmentation (Everingham et al., The PASCAL Visual
// Object Classes Challenge, IJCV 2010, section 4.3): of each class, pixels that are and are called
// it over pixels that are or are called it, summed over all samples; the mean over the classes that
// occur, labelled or answered. The first output is one score a class, [N,C,H,W], or the class
// itself, [N,H,W] or [N,1,H,W] of whole numbers. Pixels labelled below 0, or 255 where that is no
// class, do not count.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "data/metrics/metric.h"

namespace octavo {
namespace {

constexpr double kVoid = 255;
constexpr double kNoClass = -1;  // of a pixel whose scores are all NaN

// What the model calls each pixel.
struct AnsweredMap {
  std::vector<double> classes;
  Shape shape;                        // height, width
  std::optional<std::size_t> number;  // of classes; nothing: the output does not say
};

double best_class(const std::vector<double>& scores, std::size_t pixel, std::size_t pixels) {
  double best = kNoClass;
  double highest = 0;
  for (std::size_t at = pixel, i = 0; at < scores.size(); at += pixels, ++i) {
    if (std::isnan(scores[at]) || (best != kNoClass && scores[at] <= highest)) continue;
    highest = scores[at];
    best = static_cast<double>(i);
  }
  return best;
}

AnsweredMap answered_map(const MetricInput& input) {
  const Tensor& output = first_output(input);
  Tensor answer = without_batch(output);
  if (is_whole(answer) && answer.shape().size() == 3) answer = without_batch(answer);
  const Shape& shape = answer.shape();
  if (is_whole(answer) && shape.size() == 2) return {numbers_of(answer), shape, {}};
  if (is_whole(answer) || shape.size() != 3 || shape[0] < 2) {
    fail_sample(input.sample,
                fmt::format("the first output is {}{}: neither scores [N, classes, height, width] "
                            "of two or more classes, nor classes [N, height, width] as whole "
                            "numbers",
                            traits(output.dtype()).name, to_string(output.shape())));
  }
  const std::vector<double> scores = numbers_of(answer);
  const auto classes = static_cast<std::size_t>(shape[0]);
  AnsweredMap map{{}, {shape[1], shape[2]}, classes};
  const std::size_t pixels = scores.size() / classes;
  for (std::size_t i = 0; i < pixels; ++i) map.classes.push_back(best_class(scores, i, pixels));
  return map;
}

// Whether the pixel counts.
bool check_pixel(double label, const AnsweredMap& map, std::string_view sample) {
  if (label < 0) return false;
  if (!map.number) return label != kVoid;
  if (label < static_cast<double>(*map.number)) return true;
  if (label == kVoid) return false;
  fail_sample(sample, fmt::format("label_map has class {}, expected 0 to {}, or -1 or 255 for what "
                                  "does not count",
                                  label, *map.number - 1));
}

SampleScore score(const MetricInput& input) {
  const Tensor& labels = truth_of(input, "label_map");
  const AnsweredMap map = answered_map(input);
  if (labels.shape() != map.shape) {
    fail_sample(input.sample, fmt::format("label_map is {}, the model's answer {}: expected one "
                                          "label a pixel of the answer",
                                          to_string(labels.shape()), to_string(map.shape)));
  }
  const std::vector<double> wanted = numbers_of(labels);
  std::map<double, std::pair<double, double>> counts;  // by class: intersection, union
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!check_pixel(wanted[i], map, input.sample)) continue;
    auto& own = counts[wanted[i]];
    ++own.second;
    if (map.classes[i] == wanted[i]) {
      ++own.first;
    } else if (map.classes[i] != kNoClass) {
      ++counts[map.classes[i]].second;
    }
  }
  SampleScore score;
  for (const auto& [number, sums] : counts) {
    score.numbers.insert(score.numbers.end(), {number, sums.first, sums.second, 0});
  }
  return score;
}

double iou_of(const ClassCounts& counts) { return counts[0] / counts[1]; }

MetricValue combine(std::span<const SampleScore> scores) {
  return mean_over_classes(scores, iou_of);
}

}  // namespace

const Metric& iou_metric() {
  static const Metric kMetric{"iou",
                              "mean over classes of intersection over union, against label maps",
                              "%",
                              MetricNeed::kLabel,
                              BetterValue::kHigher,
                              SampleJudgement::kGraded,
                              score,
                              combine};
  return kMetric;
}

}  // namespace octavo
