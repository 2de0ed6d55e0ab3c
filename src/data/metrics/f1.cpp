// F1, the harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN) (van Rijsbergen,
// Information Retrieval, 1979, chapter 7).
//   One score a sample: of the class 1; it answers 1 where the score is at or above the threshold.
//   Scores of classes and one label: macro, the mean over the classes that occur, answered or true.
//   Scores of classes and a label_set of 0 and 1: each class by the threshold, then macro.
// The threshold is 0.5, for probabilities; "f1:0" suits logits.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <vector>

#include "data/metrics/metric.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr double kThreshold = 0.5;

void add_answer(double number, bool answered, bool is_true, SampleScore& score) {
  if (!answered && !is_true) return;
  const auto one_if = [](bool condition) { return condition ? 1.0 : 0.0; };
  score.numbers.insert(score.numbers.end(),
                       {number, one_if(answered && is_true), one_if(answered && !is_true),
                        one_if(!answered && is_true)});
}

SampleScore score_one(const MetricInput& input, double threshold) {
  if (!input.label) fail_sample(input.sample, "no label, but the metric needs one");
  if (*input.label != 0 && *input.label != 1) {
    fail_sample(input.sample, fmt::format("label {}, expected 0 or 1: the model gives one score a "
                                          "sample",
                                          *input.label));
  }
  SampleScore score;
  add_answer(1, first_output(input).at(0) >= threshold, *input.label == 1, score);
  return score;
}

SampleScore score_classes(const MetricInput& input) {
  if (!input.label) fail_sample(input.sample, "no label, but the metric needs one");
  const auto answer = predicted_class(first_output(input), input.sample);
  check_label(*input.label, first_output(input).size(), input.sample);
  SampleScore score;
  const auto label = static_cast<std::size_t>(*input.label);
  add_answer(static_cast<double>(label), answer == label, true, score);
  if (answer && *answer != label) add_answer(static_cast<double>(*answer), true, false, score);
  return score;
}

SampleScore score_set(const MetricInput& input, const Tensor& label_set, double threshold) {
  const std::vector<double> scores = numbers_of(first_output(input));
  const std::vector<double> labels = numbers_of(label_set);
  if (scores.size() != labels.size()) {
    fail_sample(input.sample, fmt::format("label_set has {} classes, the first output {}",
                                          labels.size(), scores.size()));
  }
  SampleScore score;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (labels[i] != 0 && labels[i] != 1) {
      fail_sample(input.sample, fmt::format("label_set[{}] is {}, expected 0 or 1", i, labels[i]));
    }
    add_answer(static_cast<double>(i), scores[i] >= threshold, labels[i] == 1, score);
  }
  return score;
}

SampleScore score_with(const MetricInput& input, double threshold) {
  if (input.truth != nullptr) {
    const auto label_set = input.truth->find("label_set");
    if (label_set != input.truth->end()) return score_set(input, label_set->second, threshold);
  }
  const Tensor& output = first_output(input);
  const bool one_score = output.size() == 1 && !is_whole(output);
  return one_score ? score_one(input, threshold) : score_classes(input);
}

double f1_of(const ClassCounts& counts) {
  const auto [both, only_answered, only_true] = counts;
  return 2 * both / (2 * both + only_answered + only_true);
}

MetricValue combine(std::span<const SampleScore> scores) {
  return mean_over_classes(scores, f1_of);
}

Metric with_threshold(double threshold, std::string name);

Metric with_setting(std::string_view setting) {
  double threshold = 0;
  const auto [end, failure] = std::from_chars(setting.begin(), setting.end(), threshold);
  if (failure != std::errc() || end != setting.end() || !std::isfinite(threshold)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("metric 'f1:{}', expected a threshold, like f1:0.3", setting));
  }
  return with_threshold(threshold, fmt::format("f1:{}", setting));
}

Metric with_threshold(double threshold, std::string name) {
  return {std::move(name),
          "F1, by a threshold (f1:0.5) on one score or on many labels; the mean over classes",
          "%",
          MetricNeed::kLabel,
          BetterValue::kHigher,
          SampleJudgement::kGraded,
          [threshold](const MetricInput& input) { return score_with(input, threshold); },
          combine,
          with_setting};
}

}  // namespace

const Metric& f1_metric() {
  static const Metric kMetric = with_threshold(kThreshold, "f1");
  return kMetric;
}

}  // namespace octavo
