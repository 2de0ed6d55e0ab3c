// A model of an older ONNX operator set becomes one of options.opset, bodies of If, Loop
// and Scan included. Newer models stay as they are; so do operators of other domains.
//
//     opset 10                                     opset 13
//     y = Clip(x) {max=6.0, min=0.0}               y_min = Constant() {value=float32[](0)}
//                                             =>   y_max = Constant() {value=float32[](6)}
//                                                  y = Clip(x, y_min, y_max)
//
// Throws Error(kUnsupported) for what has no equivalent: BatchNormalization in training mode or
// with spatial = 0, a Dropout whose float mask is read, Scan of opset 8, GroupNormalization from
// below 21 to 21, Resize with tf_half_pixel_for_nn.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_raise_opset(const PassContext& context);

}  // namespace octavo
