#include "data/metrics/metric.h"

namespace octavo {
namespace {

constexpr std::size_t kPlaces = 1;

SampleScore score(const MetricInput& input) {
  return {{rank_of_label(input) < kPlaces ? 1.0 : 0.0}};
}

}  // namespace

const Metric& top1_metric() {
  static const Metric kMetric{"top1",
                              "share of samples whose highest score is the label",
                              "%",
                              MetricNeed::kLabel,
                              BetterValue::kHigher,
                              SampleJudgement::kRightOrWrong,
                              score,
                              share_of_hits};
  return kMetric;
}

}  // namespace octavo
