// The scale of every class of channels that balances the weights on its two sides.
#pragma once

#include <limits>
#include <vector>

#include "repair/channel_classes.h"

namespace octavo {

// What the natural logarithm of a scale may be.
struct LogLimits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

// One natural logarithm a class, in their order: 0 leaves the class as it is. Channels without
// weights on one side stay. `limits` has one entry a class.
std::vector<double> balanced_log_scales(const ChannelClasses& channels,
                                        const std::vector<LogLimits>& limits);

}  // namespace octavo
