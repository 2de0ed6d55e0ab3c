// Repairs made for one choice of quantized layers, put to use in another.
#pragma once

#include "repair/repaired.h"

namespace octavo {

// `model` with the repaired weights and biases of those layers that are in codes both in `plan` and
// in `repaired`: a layer that stays float keeps what it was. `plan` is of `model`, the prepared
// float model that `repaired` began as, and learns the names of biases that repairs added.
Model transplant(const Model& model, const Repaired& repaired, Plan& plan);

}  // namespace octavo
