// Initializers that are graph inputs too (all of them before IR version 4) lose the input: their
// values are about to be folded and quantized, an override at run time could not be.
//
//     input x: float32[N,3]                input x: float32[N,3]
//     input w: float32[3,2]           =>   const w: float32[3,2]
//     const w: float32[3,2]
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_freeze_initializers(const PassContext& context);

}  // namespace octavo
