// Moving and converting the channels of an image.
#pragma once

#include <cstdint>
#include <string_view>

#include "octavo/tensor.h"

namespace octavo {

enum class Layout : std::uint8_t { kNchw, kNhwc };
enum class ColourOrder : std::uint8_t { kRgb, kBgr, kGray };

// [height, width, channels] -> [channels, height, width] and back, of any element type of whole
// bytes.
Tensor channels_first(const Tensor& pixels);
Tensor channels_last(const Tensor& planes);

// Of [height, width, channels]. Between red-green-blue and blue-green-red of any type; to grey of
// uint8 only, as PIL's convert("L") does it (ITU-R 601 luma); one channel to colour by repeating
// it. Throws Error(kInvalidData), beginning with `context`, for any other number of channels.
Tensor convert_colours(const Tensor& pixels, ColourOrder from, ColourOrder to,
                       std::string_view context);

}  // namespace octavo
