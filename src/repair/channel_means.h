// The mean of a tensor in each of its channels, over positions, for each sample.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "repair/channel_slices.h"
#include "repair/staged_run.h"

namespace octavo {

// By sample, then by channel. Values that are not finite are left out.
using ChannelMeans = std::vector<std::vector<double>>;

// One a tensor. The same at any number of threads. Throws Error(kUnsupported) for a tensor that is
// not float32, or has no such axis.
std::vector<ChannelMeans> channel_means(const StagedRun& run, const Model& model,
                                        std::span<const ChannelTensor> tensors);

// The mean over samples of a - b in each channel, drawn towards 0 by how uncertain it is: where the
// samples differ among themselves by more than the mean differs from 0, nothing is left.
// Source: James and Stein 1961, the positive-part form, a channel at a time.
std::vector<double> shrunk_difference(const ChannelMeans& a, const ChannelMeans& b);

}  // namespace octavo
