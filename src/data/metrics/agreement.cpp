#include "data/metrics/metric.h"
#include "octavo/error.h"

namespace octavo {
namespace {

SampleScore score(const MetricInput& input) {
  if (input.outputs.empty() || input.reference.empty()) {
    throw Error(ErrorCode::kInvalidData,
                std::string(input.sample) + ": no reference to agree with");
  }
  const auto own = predicted_class(input.outputs.front(), input.sample);
  const auto reference = predicted_class(input.reference.front(), input.sample);
  return {{own && own == reference ? 1.0 : 0.0}};
}

}  // namespace

const Metric& agreement_metric() {
  static const Metric kMetric{"agreement",
                              "share of samples that get the float model's class",
                              "%",
                              MetricNeed::kReference,
                              BetterValue::kHigher,
                              SampleJudgement::kRightOrWrong,
                              score,
                              share_of_hits};
  return kMetric;
}

}  // namespace octavo
