// The values of a tensor, channel by channel.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "octavo/executor.h"

namespace octavo {

struct ChannelTensor {
  std::string tensor;  // float32
  int axis = 1;        // of the channels; from the end where negative
};

// Calls `visit` with runs of neighbouring values of one channel, until all have been seen; returns
// the number of channels. Throws Error(kUnsupported) for a tensor that is not float32, or has no
// such axis.
std::size_t for_each_channel_slice(
    const TensorView& view, const ChannelTensor& tensor,
    const std::function<void(std::size_t channel, std::span<const float> values)>& visit);

}  // namespace octavo
