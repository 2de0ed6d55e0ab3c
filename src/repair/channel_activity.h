// What the channels of inner tensors hold on samples: sizes, and how often an activation lets them
// through.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "octavo/model.h"
#include "repair/channel_slices.h"
#include "repair/staged_run.h"

namespace octavo {

struct MeasuredTensor {
  ChannelTensor tensor;
  double bound = std::numeric_limits<double>::infinity();  // of the Clip behind it, if any
};

// One number a channel; values that are not finite do not count.
struct ChannelActivity {
  std::vector<double> largest;      // magnitude
  std::vector<double> mean_square;  // over samples and positions
  std::vector<double> active;       // share of the values between 0 and the bound
  double positions = 1;             // values a channel has in one sample, on average
};

// In the order of `tensors`. Throws Error(kNotFound) for a tensor that `model` does not have.
std::vector<ChannelActivity> channel_activity(const StagedRun& run, const Model& model,
                                              std::span<const MeasuredTensor> tensors);

}  // namespace octavo
