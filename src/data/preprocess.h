// A stored sample turned into what the model takes.
#pragma once

#include <string_view>

#include "data/data_recipe.h"
#include "data/image.h"
#include "octavo/tensor.h"

namespace octavo {

// An image becomes [height, width, channels] or [channels, height, width] in float32; without a
// layout in the recipe, NCHW.
Tensor preprocess(const Image& image, const Preprocessing& steps);

// One element of an array, without the batch dimension. A uint8 array [height, width, 3] that is to
// be resized or cropped goes through preprocess(Image); any other keeps its shape, its values are
// mapped, and its last axis (the channels) moves to the front for NCHW.
// Throws Error(kInvalidData), beginning with `context`, if the steps do not fit the shape.
Tensor preprocess(const Tensor& stored, const Preprocessing& steps, std::string_view context);

}  // namespace octavo
