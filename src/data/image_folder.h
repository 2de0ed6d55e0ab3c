// A folder of images as samples.
#pragma once

#include <memory>
#include <span>

#include "data/data_recipe.h"
#include "octavo/dataset.h"

namespace octavo {

// Labels come from labels.csv ("file,label" a line) if there is one, else from the subfolders:
// their numbers if all of them are numbers, else their rank in sorted order. Images directly in the
// folder have none. The model must have one input of rank 4; layout and size follow from it unless
// the recipe says more. Throws Error(kInvalidData, kNotFound) naming folder, file or line.
std::unique_ptr<Dataset> open_image_folder(const DataRecipe& recipe,
                                           std::span<const TensorInfo> model_inputs);

}  // namespace octavo
