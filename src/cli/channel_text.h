// Channel by channel statistics, as the command line asks for them and prints them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "octavo/statistics.h"

namespace octavo::cli {

// "TENSOR", "TENSOR@AXIS" or "all", which means each of `tensors`. Throws Error(kInvalidArgument)
// for an axis that is no number.
std::vector<ChannelRequest> channel_requests(std::span<const std::string> asked,
                                             std::span<const std::string> tensors);

// A table of the tensors whose channels differ most; nothing without channels.
void print_channels(const Statistics& statistics);

}  // namespace octavo::cli
