// Statistics for a narrower split than the one they were made for.
#pragma once

#include "octavo/statistics.h"
#include "placement/placement.h"

namespace octavo {

// Behind a node that only moves values, the widest split observes nothing: the values are those
// before it. A narrower split may begin there. `statistics`, of widest.observed_tensors(), and
// those tensors besides.
Statistics with_moved_tensors(const Statistics& statistics, const Placement& widest,
                              const Placement& narrower);

}  // namespace octavo
