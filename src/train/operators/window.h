// The geometry that convolutions and poolings share: a window that moves over spatial axes.
#pragma once

#include <vector>

#include "train/operators/operator.h"

namespace octavo {

using Lengths = std::vector<std::int64_t>;  // one a spatial axis

struct Padding {
  Lengths before;
  Lengths after;
  bool symmetric() const { return before == after; }
};

// As the attributes say them; empty lists where they say nothing.
struct Window {
  Lengths kernel;
  Lengths strides;
  Lengths dilations;
  Lengths pads;  // all before, then all after
  enum class Automatic { kNone, kUpper, kLower } automatic = Automatic::kNone;

  // Throws Error(kUnsupported) for an auto_pad that ONNX does not know.
  static Window of(const OperatorNode& node);
  // With what is missing filled in for `axes` spatial axes.
  Window filled(const Lengths& kernel_lengths) const;
  // For an input of those spatial lengths; the window must be filled.
  Padding padding(const Lengths& input) const;
};

// The lengths of the spatial axes: all after the batch and the channels.
Lengths spatial(const at::Tensor& tensor);

// `value` around the spatial axes. Negative lengths cut off.
at::Tensor padded(const at::Tensor& tensor, const Padding& padding, double value);

}  // namespace octavo
