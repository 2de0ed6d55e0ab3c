#include "data/metrics/metric.h"

namespace octavo {
namespace {

constexpr std::size_t kPlaces = 5;

SampleScore score(const MetricInput& input) {
  return {{rank_of_label(input) < kPlaces ? 1.0 : 0.0}};
}

}  // namespace

const Metric& top5_metric() {
  static const Metric kMetric{"top5",
                              "share of samples whose label is among the five highest scores",
                              "%",
                              MetricNeed::kLabel,
                              BetterValue::kHigher,
                              SampleJudgement::kRightOrWrong,
                              score,
                              share_of_hits};
  return kMetric;
}

}  // namespace octavo
