// The scale of every class of channels with which quantization makes the least noise.
//
// Balanced ranges (balance_channels.h) have no regard to what a channel counts for, nor to
// activations: a channel that is dead claims as many codes as any other. Here the noise itself is
// made small, to first order. One scale a tensor of weights gives each weight the variance
// R^2 / (12 * 127^2), R the tensor's largest magnitude; what comes of it at the output of a layer
// is
//
//   R^2 * sum_o g_o / s_o^2 * sum_i t_i^2 E[x_i^2]        w'_oi = w_oi s_o / t_i
//
// with g_o what noise on output channel o counts for in the end: the squares of the weights that
// read it, times what their outputs count for, back to front. One scale a tensor of activations:
// R^2 * sum_c g_c / s_c^2. A sum of products of powers and maxima of such, so that in the
// logarithms of the scales it is convex: one minimum, found by gradient descent. The maximum is the
// norm of order 4, 8, 16, 32, one after the other. Goes beyond Nagel et al. 2019 (arXiv
// 1906.04721), appendix A, whose precision of a channel is the same sum without what a channel
// holds and counts for.
#pragma once

#include <span>
#include <vector>

#include "repair/channel_activity.h"
#include "repair/channel_classes.h"

namespace octavo {

struct QuantizedTensor {
  const ScaledTensor* tensor = nullptr;
  // The largest magnitude of each channel; a Clip's bound, where it has one.
  std::vector<double> largest;
  double positions = 1;  // as in ChannelActivity
};

struct NoiseTask {
  const ChannelClasses& channels;
  // Of every layer's input and output, in the order of channels.layers. `active` of an output is 1
  // where no Relu or Clip follows.
  std::span<const ChannelActivity> inputs;
  std::span<const ChannelActivity> outputs;
  std::span<const QuantizedTensor> activations;
  const std::vector<bool>& fixed;  // by class: keeps its scale
};

// One natural logarithm a class, in their order: 0 leaves the class as it is.
std::vector<double> quiet_log_scales(const NoiseTask& task);

}  // namespace octavo
