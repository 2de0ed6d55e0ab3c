// ONNX Runtime for what a model means: to calibrate, to judge repairs, and in place of a runtime
// that is not here.
#pragma once

#include <memory>

#include "octavo/executor.h"

namespace octavo {

// ONNX Runtime, but sessions are Optimization::kFaithful where they would be kFull: a model for
// another target has no reason to be guarded against what ONNX Runtime does unasked.
std::unique_ptr<Executor> make_stand_in();

}  // namespace octavo
