// Between Octavo's tensors and libtorch's.
#pragma once

#include "octavo/tensor.h"
#include "train/torch.h"

namespace octavo {

// A copy. Whole numbers of up to 16 bits become floats, exactly: they may be codes, and what is
// computed with codes must carry gradients. Half-precision floats become floats too.
// Throws Error(kUnsupported) for a type that libtorch has not.
at::Tensor to_torch(const Tensor& tensor);
// A float32 copy.
Tensor from_torch(const at::Tensor& tensor);

}  // namespace octavo
