// Resizing and cropping as PIL and torchvision do it, to the bit.
#pragma once

#include <string_view>

#include "data/image.h"

namespace octavo {

// Bilinear with antialiasing: each pixel is the triangle-weighted mean of all that it covers.
// Equals Image.resize(size, BILINEAR) of Pillow 13 on 8-bit images: a horizontal and a vertical
// pass, the weights in fixed point with 22 fractional bits, a rounding to 8 bits after each. The
// vertical pass goes first if it removes more than twice as many rows as the other columns (before
// Pillow 13 never: single pixels then differ by one level).
Image resize(const Image& image, ImageSize size);

// The smallest size that keeps the ratio of `image` and covers `size`: one side fits, the other is
// rounded down. For a square this is torchvision's Resize(side): "the short side becomes `side`".
ImageSize covering_size(ImageSize image, ImageSize size);

// torchvision's CenterCrop: the offsets are half the difference, rounded half to even.
// Throws Error(kInvalidData), beginning with `context`, if the image is smaller than the crop.
Image center_crop(const Image& image, ImageSize size, std::string_view context);

}  // namespace octavo
