// Images shifted and mirrored, so that a short training does not learn its few images by heart.
#pragma once

#include <cstddef>

#include "octavo/tensor.h"

namespace octavo {

// Where the axes of an image [1, ...] are.
enum class ImageLayout { kChannelsFirst, kChannelsLast };

// By the axis that is no longer than four and shorter than the others. Throws
// Error(kInvalidArgument), naming the input, if it is no image.
ImageLayout image_layout(const TensorInfo& input);

struct ImageShift {
  int down = 0;   // pixels; what comes in at the edge is 0
  int right = 0;  // pixels
  bool mirrored = false;
};
Tensor shifted(const Tensor& image, ImageLayout layout, const ImageShift& shift);

}  // namespace octavo
