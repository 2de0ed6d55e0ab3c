// Octavo's element types and OpenVINO's.
#pragma once

#include <openvino/core/type/element_type.hpp>

#include "octavo/dtype.h"

namespace octavo {

// Both throw Error(kUnsupported) for a type that the other side does not have.
ov::element::Type to_openvino(DType dtype);
DType dtype_from_openvino(const ov::element::Type& type);

}  // namespace octavo
