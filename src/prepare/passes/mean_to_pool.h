// A mean over all the places of an image is a global average pool, for which runtimes have integer
// kernels. PyTorch's exporter writes AdaptiveAvgPool2d(1) and x.mean((2, 3)) as means.
//
//     y = ReduceMean(x, axes=[2,3])             =>   y = GlobalAveragePool(x)
//
//     y = ReduceMean(x, axes=[-1,-2],           =>   y_pooled = GlobalAveragePool(x)
//                    keepdims=0)                     y = Flatten(y_pooled)
//
// Refuses: an input whose element type or rank is not known. Never looks at: axes that a caller
// feeds; other axes; tensors of rank 3, where the mean over the last axis is a part of a layer
// normalization, which runtimes fuse.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_mean_to_pool(const PassContext& context);

}  // namespace octavo
