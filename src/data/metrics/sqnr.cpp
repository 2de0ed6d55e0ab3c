// Signal to quantization noise: 10 log10(sum of squares of the float outputs / sum of squared
// differences), in dB, over all samples and outputs. Equal outputs: infinity.
#include <cmath>
#include <limits>

#include "core/decibels.h"
#include "data/metrics/metric.h"

namespace octavo {
namespace {

SampleScore score(const MetricInput& input) {
  double signal = 0;
  double noise = 0;
  for (const OutputPair& pair : pair_outputs(input)) {
    for (std::size_t i = 0; i < pair.output.size(); ++i) {
      const double error = pair.output[i] - pair.reference[i];
      signal += pair.reference[i] * pair.reference[i];
      noise += error * error;
    }
  }
  return {{signal, noise}};
}

MetricValue combine(std::span<const SampleScore> scores) {
  double signal = 0;
  double noise = 0;
  for (const SampleScore& sample : scores) {
    signal += sample.numbers[0];
    noise += sample.numbers[1];
  }
  return {signal_to_noise_db(signal, noise), std::nullopt, scores.size()};
}

}  // namespace

const Metric& sqnr_metric() {
  static const Metric kMetric{"sqnr",
                              "signal to quantization noise of the outputs",
                              "dB",
                              MetricNeed::kReference,
                              BetterValue::kHigher,
                              SampleJudgement::kGraded,
                              score,
                              combine};
  return kMetric;
}

}  // namespace octavo
