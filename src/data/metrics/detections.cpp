#include "data/metrics/detections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "octavo/error.h"

namespace octavo {
namespace {

constexpr std::size_t kMostOfAClass = 100;
constexpr std::size_t kRecalls = 101;
constexpr double kPadding = 0;  // classes below are no true box

// Outputs as they are read, without the batch's axis.
struct BoxOutputs {
  Tensor boxes;
  Tensor scores;
  std::optional<Tensor> classes;
};

// [1, M, 4] where there is a batch's axis, [M, 4] where there is none.
bool has_boxes(const Tensor& tensor, std::size_t rank) {
  const Shape& shape = tensor.shape();
  return !is_whole(tensor) && shape.size() == rank && shape.back() == 4 &&
         (rank == 2 || shape.front() == 1);
}

std::string shapes_of(const MetricInput& input) {
  std::string text;
  for (const Tensor& output : input.outputs) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", traits(output.dtype()).name,
                        to_string(output.shape()));
  }
  return text;
}

[[noreturn]] void refuse(const MetricInput& input, const std::string& expected) {
  fail_sample(input.sample,
              fmt::format("expected {}; the outputs are {}", expected, shapes_of(input)));
}

bool says_class(const MetricInput& input, std::size_t output) {
  if (is_whole(input.outputs[output])) return true;
  if (output >= input.output_names.size()) return false;
  const std::string& name = input.output_names[output];
  return name.find("class") != std::string::npos || name.find("label") != std::string::npos;
}

BoxOutputs find_outputs(const MetricInput& input) {
  const auto is_batched = [](const Tensor& output) { return has_boxes(output, 3); };
  const bool batched = std::any_of(input.outputs.begin(), input.outputs.end(), is_batched);
  std::vector<Tensor> outputs;
  for (const Tensor& output : input.outputs) {
    outputs.push_back(batched ? without_batch(output) : output);
  }
  const auto boxes = std::find_if(outputs.begin(), outputs.end(),
                                  [](const Tensor& output) { return has_boxes(output, 2); });
  if (boxes == outputs.end()) refuse(input, "boxes, [N, M, 4], among the outputs");
  const std::int64_t count = boxes->shape()[0];
  std::vector<std::size_t> flat;
  std::optional<std::size_t> by_class;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Shape& shape = outputs[i].shape();
    if (&outputs[i] == &*boxes || shape.empty() || shape[0] != count) continue;
    if (shape.size() == 1) flat.push_back(i);
    if (shape.size() == 2 && !is_whole(outputs[i]) && !by_class) by_class = i;
  }
  if (by_class && flat.empty()) return {*boxes, outputs[*by_class], {}};
  if (flat.size() != 2) {
    refuse(input, fmt::format("beside {} boxes, scores and classes of [N, {}], or scores of "
                              "[N, {}, classes]",
                              count, count, count));
  }
  const bool first = says_class(input, flat[0]);
  if (first == says_class(input, flat[1])) {
    refuse(input,
           "the classes to be whole numbers, or in an output whose name says class or label");
  }
  return {*boxes, outputs[flat[first ? 1 : 0]], outputs[flat[first ? 0 : 1]]};
}

Box box_at(const std::vector<double>& values, std::size_t index, BoxForm form) {
  const double* v = values.data() + 4 * index;
  if (form == BoxForm::kXyxy) return {v[0], v[1], v[2], v[3]};
  return {v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2};
}

double area(const Box& box) {
  return std::max(0.0, box[2] - box[0]) * std::max(0.0, box[3] - box[1]);
}

struct TrueBox {
  Box box;
  double class_number;
};

std::vector<TrueBox> read_truth(const MetricInput& input) {
  const Tensor& boxes = truth_of(input, "boxes");
  const std::vector<double> classes = numbers_of(truth_of(input, "classes"));
  if (boxes.shape().size() != 2 || boxes.shape()[1] != 4 ||
      static_cast<std::size_t>(boxes.shape()[0]) != classes.size()) {
    fail_sample(
        input.sample,
        fmt::format("boxes are {} and classes {}, expected [N, K, 4] and [N, K]",
                    to_string(boxes.shape()), to_string(truth_of(input, "classes").shape())));
  }
  const std::vector<double> values = numbers_of(boxes);
  std::vector<TrueBox> truth;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < kPadding) continue;
    truth.push_back({box_at(values, i, BoxForm::kXyxy), classes[i]});
  }
  return truth;
}

// The detections of one class that count, the highest score first.
std::vector<Detection> best_of(std::vector<Detection> detections) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  detections.resize(std::min(detections.size(), kMostOfAClass));
  return detections;
}

// Of each detection, bit i: it is matched at threshold i.
std::vector<std::uint32_t> match(const std::vector<Detection>& detections,
                                 const std::vector<Box>& truth) {
  std::vector<std::uint32_t> matches(detections.size(), 0);
  for (std::size_t threshold = 0; threshold < kOverlaps; ++threshold) {
    std::vector<bool> taken(truth.size(), false);
    for (std::size_t i = 0; i < detections.size(); ++i) {
      double best = overlap_threshold(threshold);
      std::optional<std::size_t> found;
      for (std::size_t j = 0; j < truth.size(); ++j) {
        const double overlap = intersection_over_union(detections[i].box, truth[j]);
        if (taken[j] || !(overlap >= best)) continue;
        best = overlap;
        found = j;
      }
      if (!found) continue;
      taken[*found] = true;
      matches[i] |= 1U << threshold;
    }
  }
  return matches;
}

// One class over all samples.
struct ClassMatches {
  std::size_t true_boxes = 0;
  std::vector<std::pair<double, std::uint32_t>> detections;  // score, matches
};

// `detections` in the order of their scores.
double average_precision(const ClassMatches& matches, std::size_t threshold) {
  std::vector<double> precisions;
  std::vector<double> recalls;
  double right = 0;
  for (const auto& [unused, bits] : matches.detections) {
    right += (bits >> threshold) & 1U;
    precisions.push_back(right / static_cast<double>(precisions.size() + 1));
    recalls.push_back(right / static_cast<double>(matches.true_boxes));
  }
  for (std::size_t i = precisions.size(); i-- > 1;) {
    precisions[i - 1] = std::max(precisions[i - 1], precisions[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < kRecalls; ++i) {
    const double recall = static_cast<double>(i) / (kRecalls - 1);
    const auto at = std::lower_bound(recalls.begin(), recalls.end(), recall);
    if (at != recalls.end()) sum += precisions[static_cast<std::size_t>(at - recalls.begin())];
  }
  return sum / kRecalls;
}

// A score's numbers: how many true boxes, the class of each; then class, score and matches of every
// detection.
void add_to_classes(const SampleScore& score, std::map<double, ClassMatches>& classes) {
  const auto truths = static_cast<std::size_t>(score.numbers.front());
  for (std::size_t i = 0; i < truths; ++i) ++classes[score.numbers[1 + i]].true_boxes;
  for (std::size_t i = 1 + truths; i + 2 < score.numbers.size(); i += 3) {
    classes[score.numbers[i]].detections.emplace_back(
        score.numbers[i + 1], static_cast<std::uint32_t>(score.numbers[i + 2]));
  }
}

}  // namespace

BoxForm parse_box_form(std::string_view text, std::string_view metric) {
  if (text == "xyxy") return BoxForm::kXyxy;
  if (text == "cxcywh") return BoxForm::kCxcywh;
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("metric '{}:{}', expected {}:xyxy or {}:cxcywh: how the outputs write a "
                          "box",
                          metric, text, metric, metric));
}

double overlap_threshold(std::size_t index) { return static_cast<double>(50 + 5 * index) / 100; }

double intersection_over_union(const Box& a, const Box& b) {
  const Box common = {std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]),
                      std::min(a[3], b[3])};
  const double both = area(common);
  const double either = area(a) + area(b) - both;
  return either > 0 ? both / either : 0;
}

std::vector<Detection> read_detections(const MetricInput& input, BoxForm form) {
  const BoxOutputs outputs = find_outputs(input);
  const std::vector<double> boxes = numbers_of(outputs.boxes);
  const std::vector<double> scores = numbers_of(outputs.scores);
  const std::vector<double> classes =
      outputs.classes ? numbers_of(*outputs.classes) : std::vector<double>();
  const std::size_t each =
      outputs.classes ? 1 : static_cast<std::size_t>(outputs.scores.shape().back());
  std::vector<Detection> detections;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] > 0)) continue;
    const std::size_t box = i / each;
    detections.push_back({box_at(boxes, box, form), scores[i],
                          outputs.classes ? classes[box] : static_cast<double>(i % each)});
  }
  return detections;
}

SampleScore score_detections(const MetricInput& input, BoxForm form) {
  SampleScore score;
  std::map<double, std::pair<std::vector<Detection>, std::vector<Box>>> classes;
  const std::vector<TrueBox> truth = read_truth(input);
  score.numbers.push_back(static_cast<double>(truth.size()));
  for (const TrueBox& box : truth) {
    score.numbers.push_back(box.class_number);
    classes[box.class_number].second.push_back(box.box);
  }
  for (const Detection& detection : read_detections(input, form)) {
    classes[detection.class_number].first.push_back(detection);
  }
  for (auto& [number, both] : classes) {
    const std::vector<Detection> best = best_of(std::move(both.first));
    const std::vector<std::uint32_t> matches = match(best, both.second);
    for (std::size_t i = 0; i < best.size(); ++i) {
      score.numbers.insert(score.numbers.end(),
                           {number, best[i].score, static_cast<double>(matches[i])});
    }
  }
  return score;
}

MetricValue combine_detections(std::span<const SampleScore> scores, std::size_t overlaps) {
  std::map<double, ClassMatches> classes;
  for (const SampleScore& score : scores) add_to_classes(score, classes);
  double sum = 0;
  std::size_t count = 0;
  for (auto& [unused, matches] : classes) {
    if (matches.true_boxes == 0) continue;
    std::stable_sort(matches.detections.begin(), matches.detections.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < overlaps; ++i) sum += average_precision(matches, i);
    count += overlaps;
  }
  return {count == 0 ? 0 : sum / static_cast<double>(count), std::nullopt, scores.size()};
}

Metric make_detection_metric(const DetectionMetric& metric, BoxForm form) {
  const std::string name(metric.name);
  return {name + (form == BoxForm::kXyxy ? "" : ":cxcywh"),
          std::string(metric.help),
          "%",
          MetricNeed::kLabel,
          BetterValue::kHigher,
          SampleJudgement::kGraded,
          [form](const MetricInput& input) { return score_detections(input, form); },
          [overlaps = metric.overlaps](std::span<const SampleScore> scores) {
            return combine_detections(scores, overlaps);
          },
          [metric](std::string_view setting) {
            return make_detection_metric(metric, parse_box_form(setting, metric.name));
          }};
}

}  // namespace octavo
