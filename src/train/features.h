// Tensors inside the network that the loss `features` compares with the float model's.
#pragma once

#include <string>
#include <vector>

#include "octavo/model.h"

namespace octavo {

// One value under its two names.
struct Feature {
  std::string float_tensor;
  std::string quantized_tensor;
};

// Those that `names` lists, with commas between them; where it is empty, what each Add makes of two
// tensors that are no constants: the ends of residual blocks. The quantized graph's tensor is what
// the node of the same name makes, before it is rounded. Throws Error(kNotFound) for a tensor that
// no node of both graphs makes, and Error(kInvalidArgument) if there is none.
std::vector<Feature> find_features(const Model& float_model, const Model& quantized,
                                   const std::string& names);

}  // namespace octavo
