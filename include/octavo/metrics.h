// Measures of what a model answers, against labels or against the float model's answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/export.h"
#include "octavo/tensor.h"

namespace octavo {

enum class MetricNeed : std::uint8_t { kLabel, kReference };
enum class BetterValue : std::uint8_t { kHigher, kLower };

// One sample's answers.
struct MetricInput {
  std::span<const Tensor> outputs;    // of the model that is measured, in the order of its outputs
  std::span<const Tensor> reference;  // of the float model; empty if the metric needs a label
  std::optional<std::int64_t> label;
  std::string_view sample;  // its name, for errors
};

// What a metric keeps of a sample: up to three sums, as the metric likes.
using SampleScore = std::array<double, 3>;

struct Interval {
  double lower = 0;
  double upper = 0;
};

struct MetricValue {
  double value = 0;
  std::optional<Interval> interval_95;  // where the metric is a share of samples
  std::size_t samples = 0;
};

// A pure function a sample, and one over the samples: whatever the batches and threads, the same
// scores give the same value. Accuracies take the first output: one score a class, or one whole
// number that is the class. The others take all outputs.
struct Metric {
  std::string_view name;
  std::string_view help;
  std::string_view unit;  // "dB"; empty: a share of 1, or a plain number
  MetricNeed need;
  BetterValue better;
  // Throws Error(kInvalidData), naming the sample, if label or reference is missing or does not
  // fit.
  SampleScore (*score)(const MetricInput& input);
  // Of at least one score, in the order of the samples.
  MetricValue (*combine)(std::span<const SampleScore> scores);
};

// Every metric, sorted by name.
OCTAVO_API std::span<const Metric* const> metrics();
// Throws Error(kInvalidArgument), naming the known ones, for an unknown name.
OCTAVO_API const Metric& find_metric(std::string_view name);

// Scores collected in any order, in shards if need be.
class OCTAVO_API MetricAccumulator {
 public:
  explicit MetricAccumulator(const Metric& metric) : metric_(&metric) {}

  const Metric& metric() const { return *metric_; }
  std::size_t samples() const { return scores_.size(); }
  // `index` is the sample's place in the dataset.
  void add(std::size_t index, const MetricInput& input);
  // Throws Error(kInvalidArgument) if `other` is of another metric.
  void merge(const MetricAccumulator& other);
  // Throws Error(kInvalidData) without any sample, Error(kInvalidArgument) if one came twice.
  MetricValue value() const;

 private:
  const Metric* metric_;
  std::vector<std::pair<std::size_t, SampleScore>> scores_;
};

// 95 % confidence interval of a share: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927). Without trials:
// 0 to 1.
OCTAVO_API Interval wilson_interval_95(std::size_t hits, std::size_t trials);

// Throws Error(kInvalidData), naming the sample, unless 0 <= label < classes.
OCTAVO_API void check_label(std::int64_t label, std::size_t classes, std::string_view sample);

}  // namespace octavo
