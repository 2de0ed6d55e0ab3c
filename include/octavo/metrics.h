// Measures of what a model answers, against labels or against the float model's answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "octavo/dataset.h"
#include "octavo/export.h"
#include "octavo/tensor.h"

namespace octavo {

enum class MetricNeed : std::uint8_t {
  kLabel,      // what the data say of a sample: its class, its boxes, its label map
  kReference,  // the float model's answers
};
// What a metric makes of one sample.
enum class SampleJudgement : std::uint8_t {
  kRightOrWrong,  // its score's first number is 1 or 0, the value is their mean
  kGraded,        // anything else
};
enum class BetterValue : std::uint8_t { kHigher, kLower };

// One sample's answers.
struct MetricInput {
  std::span<const Tensor> outputs;    // of the model that is measured, in the order of its outputs
  std::span<const Tensor> reference;  // of the float model; empty if the metric needs a label
  std::optional<std::int64_t> label;
  std::string_view sample;                         // its name, for errors
  const GroundTruth* truth = nullptr;              // null: nothing but the label is known
  std::span<const std::string> output_names = {};  // empty: not known
};

inline MetricInput metric_input(const Sample& sample, std::span<const Tensor> outputs,
                                std::span<const Tensor> reference,
                                std::span<const std::string> output_names) {
  return {outputs, reference, sample.label, sample.name, &sample.truth, output_names};
}

// What a metric keeps of a sample, as the metric likes.
struct SampleScore {
  std::vector<double> numbers;
  std::vector<NamedTensor> tensors = {};
};

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
// scores give the same value. docs/metrics.md says which outputs each one takes.
struct Metric {
  std::string name;
  std::string help;
  std::string unit;  // "dB"; "%": the value is a share from 0 to 1; empty: a plain number
  MetricNeed need = MetricNeed::kLabel;
  BetterValue better = BetterValue::kHigher;
  SampleJudgement judgement = SampleJudgement::kGraded;
  // Throws Error(kInvalidData), naming the sample, if label or reference is missing or does not
  // fit.
  std::function<SampleScore(const MetricInput& input)> score;
  // Of at least one score, in the order of the samples. Throws Error where the metric is a program
  // and that fails.
  std::function<MetricValue(std::span<const SampleScore> scores)> combine;
  // The same metric set otherwise, as in "f1:0.3"; empty: there is nothing to set. Throws
  // Error(kInvalidArgument), naming what is expected.
  std::function<Metric(std::string_view setting)> with = {};

  bool is_share() const { return unit == "%"; }
};

// Every metric, sorted by name.
OCTAVO_API std::span<const Metric* const> metrics();
// Throws Error(kInvalidArgument), naming the known ones, for an unknown name.
OCTAVO_API const Metric& find_metric(std::string_view name);

// A metric as people ask for it: a name, a name with a setting ("f1:0.3", "map:cxcywh"), or the
// user's own, "program:PATH" (larger is better) or "program-loss:PATH" (smaller is), which must
// end within ten minutes, or within what "program:PATH:90s" (or m, or h) says. Throws as
// find_metric(), Error(kInvalidArgument) for a setting that does not fit, and Error(kNotFound) for
// a program that is not there or may not be run.
OCTAVO_API std::shared_ptr<const Metric> open_metric(std::string_view text);

// `value` as people read it: "91.25 %", "21.3 dB", "0.0123 nats".
OCTAVO_API std::string metric_text(const Metric& metric, double value);

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
