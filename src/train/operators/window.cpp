#include "train/operators/window.h"

#include <algorithm>

#include "model/attributes.h"

namespace octavo {

Window Window::of(const OperatorNode& node) {
  Window window{ints_attribute(node.proto, "kernel_shape"), ints_attribute(node.proto, "strides"),
                ints_attribute(node.proto, "dilations"), ints_attribute(node.proto, "pads"),
                Automatic::kNone};
  const std::string automatic = string_attribute(node.proto, "auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER") {
    window.automatic = Automatic::kUpper;
  } else if (automatic == "SAME_LOWER") {
    window.automatic = Automatic::kLower;
  } else if (automatic != "NOTSET" && automatic != "VALID") {
    refuse(node, "auto_pad " + automatic);
  }
  return window;
}

Window Window::filled(const Lengths& kernel_lengths) const {
  Window window = *this;
  const std::size_t axes = kernel_lengths.size();
  window.kernel = kernel_lengths;
  if (window.strides.empty()) window.strides.assign(axes, 1);
  if (window.dilations.empty()) window.dilations.assign(axes, 1);
  if (window.pads.empty()) window.pads.assign(2 * axes, 0);
  return window;
}

Padding Window::padding(const Lengths& input) const {
  const auto axes = static_cast<std::ptrdiff_t>(kernel.size());
  Padding padding{{pads.begin(), pads.begin() + axes}, {pads.begin() + axes, pads.end()}};
  if (automatic == Automatic::kNone) return padding;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t output = (input[i] + strides[i] - 1) / strides[i];
    const std::int64_t covered = (output - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    const std::int64_t total = std::max<std::int64_t>(covered - input[i], 0);
    padding.before[i] = automatic == Automatic::kUpper ? total / 2 : total - total / 2;
    padding.after[i] = total - padding.before[i];
  }
  return padding;
}

Lengths spatial(const at::Tensor& tensor) {
  const auto sizes = tensor.sizes();
  return {sizes.begin() + 2, sizes.end()};
}

at::Tensor padded(const at::Tensor& tensor, const Padding& padding, double value) {
  std::vector<std::int64_t> lengths;  // libtorch's begin at the last axis
  bool none = true;
  for (std::size_t i = padding.before.size(); i > 0; --i) {
    lengths.push_back(padding.before[i - 1]);
    lengths.push_back(padding.after[i - 1]);
    none = none && padding.before[i - 1] == 0 && padding.after[i - 1] == 0;
  }
  return none ? tensor : at::constant_pad_nd(tensor, lengths, value);
}

}  // namespace octavo
