// How a tensor's elements fall into the slices that have one scale each.
#pragma once

#include <cstddef>

#include "octavo/quantization.h"
#include "octavo/tensor.h"

namespace octavo {

//   shape [2, 3, 5], axis 1:  outer 2, channels 3, inner 5
//   element index = (outer * channels + channel) * inner + offset
// A whole tensor with one scale is one channel. In blocks of 2, the three channels of that tensor
// fall into two blocks, and every offset has a scale of its own:
//   scale index = (outer * 2 + channel / 2) * inner + offset
struct ChannelLayout {
  std::size_t outer = 1;
  std::size_t channels = 1;
  std::size_t inner = 1;
  std::size_t block = 0;  // channels in a block; 0: no blocks

  std::size_t blocks() const { return block == 0 ? 1 : (channels + block - 1) / block; }
  std::size_t scales() const { return block == 0 ? channels : outer * blocks() * inner; }
};

// Throws Error(kInvalidArgument) if the axis is not one of the shape's, or the block size negative.
ChannelLayout channel_layout(const Shape& shape, std::optional<int> axis, std::int64_t block_size);

// Throws Error(kInvalidArgument) if the axis is not one of the shape's or the block size negative,
// if the number of scales or zero points does not fit, if a scale is not finite and positive, or if
// a zero point is not a code.
ChannelLayout channel_layout(const Shape& shape, const QuantParams& params);

}  // namespace octavo
