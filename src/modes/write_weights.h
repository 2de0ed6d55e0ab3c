// Carries out the plan of a mode that stores weights as codes.
#pragma once

#include "modes/weight_plan.h"
#include "octavo/model.h"

namespace octavo {

// `model` must be the one that the plan was made from. Nodes that are written anew keep their names
// and the names of their outputs.
Model write_weights(const Model& model, const WeightPlan& plan);

}  // namespace octavo
