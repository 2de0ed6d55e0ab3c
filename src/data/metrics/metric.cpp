#include "data/metrics/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "octavo/error.h"

namespace octavo {

void fail_sample(std::string_view sample, const std::string& what) {
  throw Error(ErrorCode::kInvalidData, fmt::format("{}: {}", sample, what));
}

const Tensor& first_output(const MetricInput& input) {
  if (input.outputs.empty()) fail_sample(input.sample, "the model has no outputs");
  return input.outputs.front();
}

std::vector<double> numbers_of(const Tensor& tensor) {
  std::vector<double> values(tensor.size());
  const auto decode = traits(tensor.dtype()).decode;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = decode(tensor.bytes().data(), i);
  return values;
}

const Tensor& truth_of(const MetricInput& input, std::string_view meaning) {
  if (input.truth != nullptr) {
    const auto found = input.truth->find(meaning);
    if (found != input.truth->end()) return found->second;
  }
  std::string known;
  if (input.truth != nullptr) {
    for (const auto& [name, unused] : *input.truth) known += (known.empty() ? "" : ", ") + name;
  }
  if (input.label) known += known.empty() ? "labels" : ", labels";
  fail_sample(input.sample,
              fmt::format("the metric needs an array '{}' in the data (a data recipe can name it: "
                          "'truth: {{{}: ...}}'); there is: {}",
                          meaning, meaning, known.empty() ? "none" : known));
}

Tensor without_batch(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  if (shape.empty() || shape.front() != 1) return tensor;
  return tensor.reshaped(Shape(shape.begin() + 1, shape.end()));
}

bool is_whole(const Tensor& tensor) { return traits(tensor.dtype()).is_integer(); }

namespace {

bool is_class_number(const Tensor& output) {
  return output.size() == 1 && traits(output.dtype()).is_integer();
}

std::vector<double> class_scores(const Tensor& output, std::string_view sample) {
  const Shape& shape = output.shape();
  const auto longest = shape.empty() ? 1 : *std::max_element(shape.begin(), shape.end());
  if (longest < 2 || static_cast<std::size_t>(longest) != output.size()) {
    fail_sample(sample,
                fmt::format("the first output is {}{}: no scores of two or more classes, and no "
                            "whole number that is the class",
                            traits(output.dtype()).name, to_string(shape)));
  }
  return numbers_of(output);
}

}  // namespace

void check_label(std::int64_t label, std::size_t classes, std::string_view sample) {
  if (label >= 0 && static_cast<std::uint64_t>(label) < classes) return;
  fail_sample(sample,
              fmt::format("label {}, expected 0 to {}: the model has {} classes (a data recipe's "
                          "label_offset shifts labels)",
                          label, classes - 1, classes));
}

std::size_t rank_of_label(const MetricInput& input) {
  if (!input.label) fail_sample(input.sample, "no label, but the metric needs one");
  const Tensor& output = first_output(input);
  if (is_class_number(output)) {
    return output.at(0) == static_cast<double>(*input.label) ? 0 : SIZE_MAX;
  }
  const std::vector<double> scores = class_scores(output, input.sample);
  check_label(*input.label, scores.size(), input.sample);
  const auto label = static_cast<std::size_t>(*input.label);
  const double own = scores[label];
  std::size_t rank = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool beats = scores[i] > own || (scores[i] == own && i < label) ||
                       (std::isnan(own) && !std::isnan(scores[i]));
    rank += beats ? 1 : 0;
  }
  // Nothing but NaN is no answer, whatever the label.
  return std::isnan(own) && rank == 0 ? scores.size() : rank;
}

Metric top_metric(std::string name, std::string help, std::size_t places) {
  const auto score = [places](const MetricInput& input) {
    return SampleScore{{rank_of_label(input) < places ? 1.0 : 0.0}};
  };
  return {std::move(name),
          std::move(help),
          "%",
          MetricNeed::kLabel,
          BetterValue::kHigher,
          SampleJudgement::kRightOrWrong,
          score,
          share_of_hits};
}

std::optional<std::size_t> predicted_class(const Tensor& output, std::string_view sample) {
  if (is_class_number(output)) return static_cast<std::size_t>(output.at(0));
  const std::vector<double> scores = class_scores(output, sample);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isnan(scores[i]) && (!best || scores[i] > scores[*best])) best = i;
  }
  return best;
}

std::vector<OutputPair> pair_outputs(const MetricInput& input) {
  first_output(input);
  if (input.reference.size() != input.outputs.size()) {
    fail_sample(input.sample, fmt::format("{} outputs to compare with {} of the reference",
                                          input.outputs.size(), input.reference.size()));
  }
  std::vector<OutputPair> pairs;
  for (std::size_t i = 0; i < input.outputs.size(); ++i) {
    const Tensor& output = input.outputs[i];
    const Tensor& reference = input.reference[i];
    if (output.shape() != reference.shape()) {
      fail_sample(input.sample,
                  fmt::format("output {} has shape {}, the reference's is {}", i,
                              to_string(output.shape()), to_string(reference.shape())));
    }
    const std::size_t last =
        output.shape().empty() ? 1 : static_cast<std::size_t>(output.shape().back());
    pairs.push_back({numbers_of(output), numbers_of(reference), last});
  }
  return pairs;
}

MetricValue mean_over_classes(std::span<const SampleScore> scores, ClassValue value_of) {
  std::map<double, ClassCounts> counts;
  for (const SampleScore& score : scores) {
    for (std::size_t i = 0; i + 3 < score.numbers.size(); i += 4) {
      ClassCounts& sums = counts[score.numbers[i]];
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += score.numbers[i + 1 + k];
    }
  }
  double sum = 0;
  for (const auto& [unused, sums] : counts) sum += value_of(sums);
  const double mean = counts.empty() ? 0 : sum / static_cast<double>(counts.size());
  return {mean, std::nullopt, scores.size()};
}

MetricValue share_of_hits(std::span<const SampleScore> scores) {
  const auto hits = static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(),
                    [](const SampleScore& score) { return score.numbers[0] == 1; }));
  return {static_cast<double>(hits) / static_cast<double>(scores.size()),
          wilson_interval_95(hits, scores.size()), scores.size()};
}

MetricValue mean_of_sums(std::span<const SampleScore> scores) {
  double sum = 0;
  double count = 0;
  for (const SampleScore& score : scores) {
    sum += score.numbers[0];
    count += score.numbers[1];
  }
  return {count == 0 ? 0 : sum / count, std::nullopt, scores.size()};
}

}  // namespace octavo
