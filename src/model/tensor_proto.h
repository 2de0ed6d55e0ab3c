// Between ONNX's TensorProto and Tensor.
#pragma once

#include <string_view>

#include "octavo/tensor.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

// Reads raw_data or the typed fields. Throws Error(kInvalidModel) naming the tensor (or `context`
// where it has no name) if the data do not fit the shape, Error(kUnsupported) for a type without
// traits. External data must have been loaded before (read_model does).
Tensor tensor_from_proto(const onnx::TensorProto& proto, std::string_view context = {});

// Always raw_data.
onnx::TensorProto tensor_to_proto(const Tensor& tensor, std::string_view name);

// Throws as tensor_from_proto() does unless as many bytes are stored as type and shape ask for.
void check_data(const onnx::TensorProto& proto, std::string_view context = {});

Shape shape_of(const onnx::TensorProto& proto);

}  // namespace octavo
