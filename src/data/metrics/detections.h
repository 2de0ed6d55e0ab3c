// What the metrics of object detection share: reading boxes, matching them, average precision.
//
// After COCO's evaluation (Lin et al., Microsoft COCO, ECCV 2014; its rules as the reference tool
// pycocotools 2.0 applies them), without crowds and without classes of size:
//   - Of each sample and class, the 100 detections with the highest scores count.
//   - In the order of their scores, each takes the free true box of its class that it overlaps
//     most (the last of those that it overlaps alike), if their intersection over union reaches
//     the threshold.
//   - Average precision of a class: the mean of the highest precision at or beyond each of the
//     recalls 0, 0.01, ..., 1, over the detections of all samples in the order of their scores.
//   - The value: the mean over thresholds, and over the classes that have a true box.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/metrics/metric.h"

namespace octavo {

// How the model's outputs write a box. True boxes are always xyxy, in the same unit.
enum class BoxForm : std::uint8_t {
  kXyxy,    // left, top, right, bottom
  kCxcywh,  // centre, then width and height
};
// From "xyxy" or "cxcywh". Throws Error(kInvalidArgument), naming `metric`.
BoxForm parse_box_form(std::string_view text, std::string_view metric);

using Box = std::array<double, 4>;  // xyxy

struct Detection {
  Box box = {};
  double score = 0;
  double class_number = 0;
};

// Each overlap that a match must reach, 0.50, 0.55, ..., 0.95.
inline constexpr std::size_t kOverlaps = 10;
double overlap_threshold(std::size_t index);

double intersection_over_union(const Box& a, const Box& b);

// The model's answer for one sample: the first output with 4 along its last axis holds M boxes;
// then either one output [M] of scores and one of classes, or one [M, classes] of scores. What is
// scored 0 or below, or NaN, is no detection. Throws Error(kInvalidData) for anything else.
std::vector<Detection> read_detections(const MetricInput& input, BoxForm form);

// The matches of one sample, as combine_detections() takes them.
SampleScore score_detections(const MetricInput& input, BoxForm form);

// Mean average precision over the first `overlaps` thresholds.
MetricValue combine_detections(std::span<const SampleScore> scores, std::size_t overlaps);

// A metric of this kind, which "NAME:cxcywh" sets otherwise.
struct DetectionMetric {
  std::string_view name;
  std::string_view help;
  std::size_t overlaps = kOverlaps;
};
Metric make_detection_metric(const DetectionMetric& metric, BoxForm form);

}  // namespace octavo
