// The times that fastest_in_float() weighs, taken from the runtime itself.
#pragma once

#include "octavo/dataset.h"
#include "octavo/executor.h"
#include "octavo/model.h"
#include "placement/profile.h"
#include "search/fastest_coverage.h"

namespace octavo {

// `quantized` is `prepared` with all of `placement` on integers. A few dozen runs of each with
// `sample`, `threads` threads inside the runtime.
CoverageCosts measure_costs(const Model& prepared, const Model& quantized,
                            const Placement& placement, const Sample& sample,
                            const Executor& executor, int threads, const Profile& profile);

}  // namespace octavo
