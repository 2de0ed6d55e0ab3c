// OpenVINO's CPU plugin behind the Executor interface. It always optimizes: Optimization::kNone is
// Error(kUnsupported). A model with free dimensions is compiled when its first inputs come, so what
// the plugin (not the ONNX frontend) refuses of such a model is found there, as Error(kRuntime).
#pragma once

#include <memory>

#include "octavo/executor.h"

namespace octavo {

std::unique_ptr<Executor> make_openvino_executor();

}  // namespace octavo
