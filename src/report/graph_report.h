// Every node: what it became and why, its place in the drawing, its time in float and on integers.
#pragma once

#include "pipeline/evidence.h"
#include "report/json_value.h"
#include "search/node_times.h"

namespace octavo {

// Of the prepared model and of the quantized one; empty: not measured.
struct TimesBeforeAndAfter {
  NodeTimes in_float;
  NodeTimes quantized;
};

// graph.json.
Json graph_json(const Evidence& evidence, const TimesBeforeAndAfter& times);

// In the target's runtime; empty where it does not run here.
TimesBeforeAndAfter measure_times(const Evidence& evidence, int threads);

}  // namespace octavo
