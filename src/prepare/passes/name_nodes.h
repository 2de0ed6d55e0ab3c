// Every node gets a name of its own, so that plans, reports and errors can tell of it. The first
// node of a name keeps it. Bodies of If, Loop and Scan are left alone.
//
//     y = Relu(x)                          y = Relu(x) "Relu_y"
//     z = Relu(y) "a"                 =>   z = Relu(y) "a"
//     u = Relu(z) "a"                      u = Relu(z) "a_1"
#pragma once

#include "prepare/pass.h"

namespace octavo {

PassPlan plan_name_nodes(const PassContext& context);

}  // namespace octavo
