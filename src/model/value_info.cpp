#include "model/value_info.h"

#include <fmt/format.h>

#include "octavo/error.h"

namespace octavo {

TensorInfo tensor_info(const onnx::ValueInfoProto& info) {
  TensorInfo result{info.name(), DType::kFloat32, {}};
  if (!info.has_type()) return result;
  if (!info.type().has_tensor_type()) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("'{}' is no tensor: sequences, maps and optionals cannot be fed or "
                            "read by Octavo",
                            info.name()));
  }
  const auto& type = info.type().tensor_type();
  if (type.elem_type() != 0) result.dtype = dtype_from_onnx(type.elem_type());
  for (const auto& dimension : type.shape().dim()) {
    const bool known = dimension.has_dim_value() && dimension.dim_value() >= 0;
    result.shape.push_back(known ? dimension.dim_value() : -1);
  }
  return result;
}

}  // namespace octavo
