// Samples along the first axis of the arrays of an .npz file.
#pragma once

#include <memory>
#include <span>

#include "data/data_recipe.h"
#include "octavo/dataset.h"

namespace octavo {

// The selected samples, and no others, stay in memory in their stored type. Throws
// Error(kInvalidData): no array for an input, arrays of different lengths, labels that are no
// integers, nothing selected.
std::unique_ptr<Dataset> open_arrays(const DataRecipe& recipe,
                                     std::span<const TensorInfo> model_inputs);

}  // namespace octavo
