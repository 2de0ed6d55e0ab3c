// A small picture of an image as the network sees it.
#pragma once

#include <cstdint>
#include <string>

#include "octavo/tensor.h"

namespace octavo {

// "data:image/jpeg;base64,...", of no more pixels than a square of `side` has, and no side longer
// than twice that: of [1, channels, height, width] or [1, height, width, channels] with 1 or 3
// channels of at least 16 x 16 pixels; the smallest value black, the largest white, channels as
// red, green, blue. Empty for anything else.
std::string thumbnail(const Tensor& input, std::int64_t side = 72);

}  // namespace octavo
