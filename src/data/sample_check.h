// Does a tensor fit what the model declares?
#pragma once

#include <string_view>

#include "octavo/tensor.h"

namespace octavo {

// `stored`, without or with a batch dimension of 1, as the model's input: batch 1 in front, element
// type converted where no value changes. Throws Error(kInvalidData), beginning with `context` and
// naming found and expected shape or type; also for NaN and infinity, with their position.
Tensor fit_to_input(const Tensor& stored, const TensorInfo& input, std::string_view context);

}  // namespace octavo
