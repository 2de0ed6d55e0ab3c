// How a tensor's elements fall into the slices that have one scale each.
#pragma once

#include <cstddef>

#include "octavo/quantization.h"
#include "octavo/tensor.h"

namespace octavo {

//   shape [2, 3, 5], axis 1:  outer 2, channels 3, inner 5
//   element index = (outer * channels + channel) * inner + offset
// A whole tensor with one scale is one channel.
struct ChannelLayout {
  std::size_t outer = 1;
  std::size_t channels = 1;
  std::size_t inner = 1;
};

// Throws Error(kInvalidArgument) if the axis is not one of the shape's, if the number of scales or
// zero points does not fit, if a scale is not finite and positive, or if a zero point is not a
// code.
ChannelLayout channel_layout(const Shape& shape, const QuantParams& params);

}  // namespace octavo
