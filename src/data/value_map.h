// The arithmetic on a sample's values: ((x / divide) - mean) / std * multiply.
#pragma once

#include <string_view>
#include <vector>

#include "octavo/tensor.h"

namespace octavo {

struct ValueSteps {
  double divide = 1;
  std::vector<double> mean = {0};  // one, or one a channel
  std::vector<double> standard_deviation = {1};
  double multiply = 1;
  bool operator==(const ValueSteps&) const = default;
};

// In float32, one rounding a step, as NumPy computes it from a float32 array. The channels lie on
// the last axis. Steps that change nothing leave the tensor and its element type alone.
// Throws Error(kInvalidData), beginning with `context`, if mean or std has neither one value nor as
// many as there are channels.
Tensor map_values(Tensor stored, const ValueSteps& steps, std::string_view context);

}  // namespace octavo
