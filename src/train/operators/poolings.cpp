// Pooling over one to three spatial axes.
#include <algorithm>
#include <limits>

#include "model/attributes.h"
#include "train/operators/window.h"

namespace octavo {
namespace {

// libtorch's ceil_mode wants padding of at most half the window; what it would look at beyond the
// input is padded here instead. ONNX lets no window begin beyond the padded input.
Padding with_ceiling(const Window& window, const Lengths& input, Padding padding) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::int64_t covered = (window.kernel[i] - 1) * window.dilations[i] + 1;
    const std::int64_t length = input[i] + padding.before[i] + padding.after[i];
    const std::int64_t stride = window.strides[i];
    std::int64_t outputs = (length - covered + stride - 1) / stride + 1;
    if ((outputs - 1) * stride >= input[i] + padding.before[i]) --outputs;
    padding.after[i] += std::max<std::int64_t>((outputs - 1) * stride + covered - length, 0);
  }
  return padding;
}

Padding pool_padding(const Window& window, const Lengths& input, bool ceiling) {
  const Padding padding = window.padding(input);
  return ceiling ? with_ceiling(window, input, padding) : padding;
}

at::Tensor max_over(const at::Tensor& x, const Window& window) {
  const Lengths none(window.kernel.size(), 0);
  const auto& [kernel, strides, dilations, pads, automatic] = window;
  if (kernel.size() == 1) return at::max_pool1d(x, kernel, strides, none, dilations);
  if (kernel.size() == 2) return at::max_pool2d(x, kernel, strides, none, dilations);
  return at::max_pool3d(x, kernel, strides, none, dilations);
}

Forward max_pool(const OperatorNode& node) {
  if (node.proto.output_size() > 1 && !node.proto.output(1).empty()) refuse(node, "the indices");
  const Window attributes = Window::of(node);
  const bool ceiling = int_attribute(node.proto, "ceil_mode", 0) != 0;
  return [=](const Values& inputs) -> Values {
    const Window window = attributes.filled(attributes.kernel);
    const Padding padding = pool_padding(window, spatial(inputs[0]), ceiling);
    // The lowest finite number, as it may be multiplied by 0 in a gradient.
    return {max_over(padded(inputs[0], padding, std::numeric_limits<float>::lowest()), window)};
  };
}

bool dilated(const Window& window) {
  return std::any_of(window.dilations.begin(), window.dilations.end(),
                     [](std::int64_t dilation) { return dilation != 1; });
}

double size_of(const Window& window) {
  double size = 1;
  for (const std::int64_t length : window.kernel) size *= static_cast<double>(length);
  return size;
}

// libtorch's poolings of means know no dilations; a convolution with ones does.
at::Tensor dilated_mean_over(const at::Tensor& x, const Window& window) {
  Lengths kernel{1, 1};
  kernel.insert(kernel.end(), window.kernel.begin(), window.kernel.end());
  const Lengths none(window.kernel.size(), 0);
  const at::Tensor planes = x.flatten(0, 1).unsqueeze(1);
  const at::Tensor weight = at::full(kernel, 1 / size_of(window), x.options());
  return at::convolution(planes, weight, {}, window.strides, none, window.dilations, false, none, 1)
      .squeeze(1)
      .unflatten(0, x.sizes().slice(0, 2));
}

at::Tensor mean_over(const at::Tensor& x, const Window& window) {
  if (dilated(window)) return dilated_mean_over(x, window);
  if (window.kernel.size() == 1) return at::avg_pool1d(x, window.kernel, window.strides);
  if (window.kernel.size() == 2) return at::avg_pool2d(x, window.kernel, window.strides);
  return at::avg_pool3d(x, window.kernel, window.strides);
}

Forward average_pool(const OperatorNode& node) {
  const Window attributes = Window::of(node);
  const bool ceiling = int_attribute(node.proto, "ceil_mode", 0) != 0;
  const bool counts_padding = int_attribute(node.proto, "count_include_pad", 0) != 0;
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const Window window = attributes.filled(attributes.kernel);
    const Padding stated = window.padding(spatial(x));
    const Padding padding = pool_padding(window, spatial(x), ceiling);
    const at::Tensor mean = mean_over(padded(x, padding, 0), window);
    const Lengths& before = padding.before;
    const auto is_zero = [](std::int64_t length) { return length == 0; };
    if (std::all_of(before.begin(), before.end(), is_zero) &&
        std::all_of(padding.after.begin(), padding.after.end(), is_zero)) {
      return {mean};
    }
    // The share of each window that counts; stated padding may, what ceil_mode adds never does.
    at::Tensor ones = at::ones_like(x.detach().slice(0, 0, 1).slice(1, 0, 1));
    Padding rest = padding;
    if (counts_padding) {
      ones = padded(ones, stated, 1);
      for (std::size_t i = 0; i < before.size(); ++i) {
        rest.before[i] -= stated.before[i];
        rest.after[i] -= stated.after[i];
      }
    }
    return {mean / mean_over(padded(ones, rest, 0), window)};
  };
}

// A root whose gradient is finite at 0, as it is where nothing in a window is above it.
at::Tensor root(const at::Tensor& x, double degree) {
  const at::Tensor above = x > 0;
  const at::Tensor powers = at::pow(at::where(above, x, at::ones_like(x)), 1 / degree);
  return at::where(above, powers, at::zeros_like(x));
}

Forward lp_pool(const OperatorNode& node) {
  const Window attributes = Window::of(node);
  const bool ceiling = int_attribute(node.proto, "ceil_mode", 0) != 0;
  const auto p = static_cast<double>(int_attribute(node.proto, "p", 2));
  return [=](const Values& inputs) -> Values {
    const Window window = attributes.filled(attributes.kernel);
    const Padding padding = pool_padding(window, spatial(inputs[0]), ceiling);
    const at::Tensor powers = padded(at::pow(inputs[0].abs(), p), padding, 0);
    return {root(mean_over(powers, window) * size_of(window), p)};
  };
}

std::vector<std::int64_t> spatial_axes(const at::Tensor& x) {
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) axes.push_back(axis);
  return axes;
}

Forward global_average_pool(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    return {inputs[0].mean(spatial_axes(inputs[0]), true)};
  };
}

Forward global_max_pool(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    return {inputs[0].amax(spatial_axes(inputs[0]), true)};
  };
}

Forward global_lp_pool(const OperatorNode& node) {
  const std::int64_t p = int_attribute(node.proto, "p", 2);
  return [p](const Values& inputs) -> Values {
    return {at::linalg_vector_norm(inputs[0], p, spatial_axes(inputs[0]), true)};
  };
}

}  // namespace

std::vector<MappedOperator> poolings_operators() {
  return {{"AveragePool", average_pool},
          {"GlobalAveragePool", global_average_pool},
          {"GlobalLpPool", global_lp_pool},
          {"GlobalMaxPool", global_max_pool},
          {"LpPool", lp_pool},
          {"MaxPool", max_pool}};
}

}  // namespace octavo
