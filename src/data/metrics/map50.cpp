#include "data/metrics/detections.h"

namespace octavo {

const Metric& map50_metric() {
  static const Metric kMetric = make_detection_metric(
      {"map50", "mean average precision of boxes, at an overlap of 0.50", 1}, BoxForm::kXyxy);
  return kMetric;
}

}  // namespace octavo
