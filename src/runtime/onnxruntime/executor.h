// ONNX Runtime's CPU provider behind the Executor interface.
#pragma once

#include <memory>

#include "octavo/executor.h"

namespace octavo {

std::unique_ptr<Executor> make_onnxruntime_executor();

}  // namespace octavo
