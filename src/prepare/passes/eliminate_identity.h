// Nodes that return their input as it is go away.
//
//     t = Conv(x, w)                       y = Conv(x, w)
//     y = Identity(t)                 =>   output y
//     output y
//
// An output of the graph keeps its name: then the node before is renamed to it, else the readers
// read what comes before.
//
// Matches Identity; Dropout outside training; Cast to the type that the input has; Transpose in
// order; Reshape and Flatten to the shape that the input has; Pad by nothing; Concat, Sum, Mean,
// Max and Min of one input; Clip without bounds; Mul and Div by 1, Add and Sub of 0. Refuses: an
// output of the graph whose input is one too, or an input, a constant, or read by a body; another
// output that is read by a body; Dropout in training, or whose mask is read.
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_eliminate_identity(const PassContext& context);

}  // namespace octavo
