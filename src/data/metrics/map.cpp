#include "data/metrics/detections.h"

namespace octavo {

const Metric& map_metric() {
  static const Metric kMetric = make_detection_metric(
      {"map",
       "mean average precision of boxes, at overlaps of 0.50 to 0.95 (map:cxcywh: centre "
       "and size)",
       kOverlaps},
      BoxForm::kXyxy);
  return kMetric;
}

}  // namespace octavo
