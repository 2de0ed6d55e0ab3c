#include "data/metrics/metric.h"

namespace octavo {

const Metric& top1_metric() {
  static const Metric kMetric =
      top_metric("top1", "share of samples whose highest score is the label", 1);
  return kMetric;
}

}  // namespace octavo
