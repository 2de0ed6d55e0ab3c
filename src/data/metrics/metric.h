// What the metrics share. One file each, one word in metric_list.inc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "octavo/metrics.h"

namespace octavo {

#define OCTAVO_METRIC(identifier) const Metric& identifier##_metric();
#include "data/metrics/metric_list.inc"
#undef OCTAVO_METRIC

// How many classes score higher than `label`, of equal ones those before it: 0 is top-1. NaN beats
// nothing and is beaten by all numbers. Throws Error(kInvalidData) if the first output is neither
// one score for each of two or more classes nor one whole number, or if there is no such class.
std::size_t rank_of_label(const MetricInput& input);

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

// Share of the scores whose first number is 1, with its interval.
MetricValue share_of_hits(std::span<const SampleScore> scores);

// Sum of the scores' first numbers over the sum of their second ones.
MetricValue mean_of_sums(std::span<const SampleScore> scores);

}  // namespace octavo
