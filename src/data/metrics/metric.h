// What the metrics share. One file each, one word in metric_list.inc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/metrics.h"

namespace octavo {

#define OCTAVO_METRIC(identifier) const Metric& identifier##_metric();
#include "data/metrics/metric_list.inc"
#undef OCTAVO_METRIC

// The user's own, see open_metric(): "PATH" or "PATH:90s". Throws Error(kNotFound), and
// Error(kInvalidArgument) for a time limit of 0.
Metric program_metric(std::string_view text, BetterValue better);

[[noreturn]] void fail_sample(std::string_view sample, const std::string& what);
// Throws Error(kInvalidData) where the model has no outputs.
const Tensor& first_output(const MetricInput& input);
// What the data say of the sample under this name. Throws Error(kInvalidData), naming what there
// is.
const Tensor& truth_of(const MetricInput& input, std::string_view meaning);
std::vector<double> numbers_of(const Tensor& tensor);
// Without a first axis of 1.
Tensor without_batch(const Tensor& tensor);
bool is_whole(const Tensor& tensor);

// How many classes score higher than `label`, of equal ones those before it: 0 is top-1. NaN beats
// nothing and is beaten by all numbers. Throws Error(kInvalidData) if the first output is neither
// one score for each of two or more classes nor one whole number, or if there is no such class.
std::size_t rank_of_label(const MetricInput& input);

// The share of samples whose label is among so many of the highest scores, with its interval.
Metric top_metric(std::string name, std::string help, std::size_t places);

// The class with the highest score, the first of equal ones; nothing if all are NaN. Throws as
// rank_of_label().
std::optional<std::size_t> predicted_class(const Tensor& output, std::string_view sample);

// Each output beside the reference's, as doubles. Throws Error(kInvalidData) if their number or
// their sizes differ.
struct OutputPair {
  std::vector<double> output;
  std::vector<double> reference;
  std::size_t last_axis = 1;  // its length
};
std::vector<OutputPair> pair_outputs(const MetricInput& input);

// Three counts of a class, summed over the samples: what they count, the metric says. In a score,
// each class is four numbers: itself and its counts.
using ClassCounts = std::array<double, 3>;
using ClassValue = double (*)(const ClassCounts& counts);

// The mean of `value_of` over the classes that any score names; 0 where none does.
MetricValue mean_over_classes(std::span<const SampleScore> scores, ClassValue value_of);

// Share of the scores whose first number is 1, with its interval.
MetricValue share_of_hits(std::span<const SampleScore> scores);

// Sum of the scores' first numbers over the sum of their second ones.
MetricValue mean_of_sums(std::span<const SampleScore> scores);

}  // namespace octavo
