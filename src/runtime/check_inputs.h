// What every runtime checks of its inputs, so that each says the same of a wrong one.
#pragma once

#include <span>

#include "octavo/tensor.h"

namespace octavo {

// Throws Error(kInvalidData), naming the input, unless `inputs` fit what the model declares.
void check_inputs(std::span<const Tensor> inputs, std::span<const TensorInfo> declared);

}  // namespace octavo
