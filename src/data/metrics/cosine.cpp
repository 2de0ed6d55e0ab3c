// Cosine of the angle between a sample's outputs and the float model's, all outputs laid end to
// end; the mean over the samples. Two zero vectors agree (1), a single one does not (0).
#include <algorithm>
#include <cmath>

#include "data/metrics/metric.h"

namespace octavo {
namespace {

double cosine(double product, double output_squares, double reference_squares) {
  if (output_squares == 0 && reference_squares == 0) return 1;
  if (output_squares == 0 || reference_squares == 0) return 0;
  const double value = product / (std::sqrt(output_squares) * std::sqrt(reference_squares));
  return std::clamp(value, -1.0, 1.0);
}

SampleScore score(const MetricInput& input) {
  double product = 0;
  double output_squares = 0;
  double reference_squares = 0;
  for (const OutputPair& pair : pair_outputs(input)) {
    for (std::size_t i = 0; i < pair.output.size(); ++i) {
      product += pair.output[i] * pair.reference[i];
      output_squares += pair.output[i] * pair.output[i];
      reference_squares += pair.reference[i] * pair.reference[i];
    }
  }
  return {{cosine(product, output_squares, reference_squares), 1}};
}

}  // namespace

const Metric& cosine_metric() {
  static const Metric kMetric{"cosine",
                              "cosine between the outputs and the float model's, mean over samples",
                              "",
                              MetricNeed::kReference,
                              BetterValue::kHigher,
                              SampleJudgement::kGraded,
                              score,
                              mean_of_sums};
  return kMetric;
}

}  // namespace octavo
