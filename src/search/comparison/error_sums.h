// Signal, noise and product of two tensors, by channel, over any number of samples.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "octavo/comparison.h"

namespace octavo {

// Element i belongs to channel i / inner % channels.
struct ChannelStride {
  std::size_t channels = 1;
  std::size_t inner = 1;
};

// `axis` clipped to the shape; a scalar is one channel.
ChannelStride channel_stride(const Shape& shape, std::size_t axis);

class ErrorSums {
 public:
  // Both spans have one size.
  void add(std::span<const float> exact, std::span<const float> approximate, ChannelStride stride);
  TensorError error() const;

 private:
  struct Sums {
    double signal = 0;
    double noise = 0;
    double product = 0;
    double power = 0;  // of the approximation
  };
  std::vector<Sums> channels_;
};

}  // namespace octavo
