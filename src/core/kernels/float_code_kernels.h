// The kernels of codes that are small floats themselves.
#pragma once

#include "core/kernels/code_kernels.h"

namespace octavo {

// Null for any other type. Zero points are 0, and ranges the whole type's: neither is looked at.
const CodeKernels* float_code_kernels(DType dtype);

}  // namespace octavo
