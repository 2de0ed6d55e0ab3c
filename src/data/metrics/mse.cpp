#include "data/metrics/metric.h"

namespace octavo {
namespace {

SampleScore score(const MetricInput& input) {
  double sum = 0;
  double count = 0;
  for (const OutputPair& pair : pair_outputs(input)) {
    for (std::size_t i = 0; i < pair.output.size(); ++i) {
      const double error = pair.output[i] - pair.reference[i];
      sum += error * error;
    }
    count += static_cast<double>(pair.output.size());
  }
  return {{sum, count}};
}

}  // namespace

const Metric& mse_metric() {
  static const Metric kMetric{"mse",
                              "mean squared difference to the float model's outputs",
                              "",
                              MetricNeed::kReference,
                              BetterValue::kLower,
                              SampleJudgement::kGraded,
                              score,
                              mean_of_sums};
  return kMetric;
}

}  // namespace octavo
