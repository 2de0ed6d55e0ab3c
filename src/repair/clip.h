// Chooses the range of each activation by what its rounding and clipping do to the outputs.
//
//   calibrated: [-0.4, 21]      far values exact, steps of 0.17
//   chosen:     [-0.4, 9]       steps of 0.07: the outputs hardly depend on what lies beyond 9
//
// A calibrator sees the values only. Here the float network runs with nothing but the tensor at
// hand changed (and those that share its scale), from the first layer that reads it on, and the
// error of the network's outputs counts. Its two parts are measured apart: what rounding adds is
// proportional to the square of the step, so that a mean over several steps tells it from few
// samples and few outputs; what clipping adds is measured for each range, behind the clipping of
// the tensors before, because such errors all go one way and do not cancel. Ranges shrink and,
// where that does not help, grow, in steps of a tenth: both ends together, then each by itself
// where codes are asymmetric.
//
// Refuses ranges that are known without looking, codes without even steps, and a scale that a bias
// would not fit.
#pragma once

#include "repair/repaired.h"

namespace octavo {

// Runs up to 32 samples of task.data, evenly spread. Throws what the runtime throws.
RepairResult repair_clip(const RepairTask& task, Repaired before);

}  // namespace octavo
