// Declared types and shapes.
#pragma once

#include "octavo/tensor.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

// A dimension that is symbolic, missing or negative becomes -1. An output without a declared
// element type counts as float32; a value that is no tensor throws Error(kUnsupported).
TensorInfo tensor_info(const onnx::ValueInfoProto& info);

}  // namespace octavo
