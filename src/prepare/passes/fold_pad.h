// A Pad with zeros folds into the pads of the Conv behind it.
//
//     p = Pad(x, [0,0,1,1,0,0,2,2])       =>   y = Conv(x, w) {pads=[1,1,2,2]}
//     y = Conv(p, w)
//
// Refuses: a result that something other than Convs reads, or that is an output of the graph; pads
// that are no constants, negative, or on the batch or channels; a Conv with auto_pad SAME_UPPER or
// SAME_LOWER. Leaves other modes and other values than 0.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_fold_pad(const PassContext& context);

}  // namespace octavo
