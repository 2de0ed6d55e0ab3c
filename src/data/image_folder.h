// A folder of images as samples.
#pragma once

#include <memory>
#include <span>

#include "data/data_recipe.h"
#include "octavo/dataset.h"

namespace octavo {

// Images and labels as list_images() finds them. The model must have one input of rank 4. What the
// steps leave open follows from it: layout and grey from where its 3 or 1 is; without resize and
// crop, an image covers the input's size and its centre is cropped.
// Throws Error(kInvalidData) naming the folder.
std::unique_ptr<Dataset> open_image_folder(const DataRecipe& recipe,
                                           std::span<const TensorInfo> model_inputs);

}  // namespace octavo
