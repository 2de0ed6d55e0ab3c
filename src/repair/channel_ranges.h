// The smallest and largest value of each channel of inner tensors, on samples.
#pragma once

#include <span>
#include <vector>

#include "octavo/model.h"
#include "octavo/quantization.h"
#include "repair/channel_slices.h"
#include "repair/staged_run.h"

namespace octavo {

// In the order of `tensors`, one range a channel. Values that are not finite do not count; a
// channel without others has its min above its max.
std::vector<std::vector<Range>> channel_ranges(const StagedRun& run, const Model& model,
                                               std::span<const ChannelTensor> tensors);

// 0 for a channel without values.
double largest_magnitude(const Range& range);

}  // namespace octavo
