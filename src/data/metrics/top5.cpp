#include "data/metrics/metric.h"

namespace octavo {

const Metric& top5_metric() {
  static const Metric kMetric =
      top_metric("top5", "share of samples whose label is among the five highest scores", 5);
  return kMetric;
}

}  // namespace octavo
