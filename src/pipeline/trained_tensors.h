// What a fine-tuning must know of a plan, over and above the Q/DQ graph that was made of it.
#pragma once

#include <vector>

#include "placement/placement.h"
#include "plan/plan.h"
#include "train/training_task.h"

namespace octavo {

// The plan's weights, with the codes that each may use.
std::vector<TrainedWeight> trained_weights(const Plan& plan);

// The plan's activations, with those that must keep one scale in one group: values that are only
// moved between them, and joined ones that got equal scales. A range known from the operator does
// not learn; a zero point learns where it lies inside the range of codes, as one at its end stands
// for a dropped Relu or for values of one sign.
std::vector<TrainedActivation> trained_activations(const Plan& plan, const Placement& placement);

}  // namespace octavo
