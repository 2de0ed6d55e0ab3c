// Windows that are weighed and summed up, and windows that are put back.
#include <utility>

#include "model/attributes.h"
#include "train/constants.h"
#include "train/operators/window.h"

namespace octavo {
namespace {

// By their own names, which libtorch's autocast knows on every device.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                    const Window& window, const Lengths& padding, std::int64_t groups) {
  const Lengths& strides = window.strides;
  const Lengths& dilations = window.dilations;
  if (strides.size() == 1) return at::conv1d(x, weight, bias, strides, padding, dilations, groups);
  if (strides.size() == 2) return at::conv2d(x, weight, bias, strides, padding, dilations, groups);
  return at::conv3d(x, weight, bias, strides, padding, dilations, groups);
}

Forward conv(const OperatorNode& node) {
  const Window attributes = Window::of(node);
  const std::int64_t groups = int_attribute(node.proto, "group", 1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& weight = inputs[1];
    const Window window = attributes.filled(spatial(weight));
    const Padding padding = window.padding(spatial(inputs[0]));
    const bool symmetric = padding.symmetric();
    const at::Tensor x = symmetric ? inputs[0] : padded(inputs[0], padding, 0);
    const Lengths none(window.kernel.size(), 0);
    return {convolve(x, weight, input_at(inputs, 2), window, symmetric ? padding.before : none,
                     groups)};
  };
}

// What is cut off around the whole result of a transposed convolution.
Padding cut(const Window& window, const Lengths& input, const Lengths& extra,
            const Lengths& output_shape) {
  const auto axes = static_cast<std::ptrdiff_t>(input.size());
  Padding cut{{window.pads.begin(), window.pads.begin() + axes},
              {window.pads.begin() + axes, window.pads.end()}};
  if (output_shape.empty() && window.automatic == Window::Automatic::kNone) return cut;
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::int64_t wanted =
        output_shape.empty() ? input[i] * window.strides[i] : output_shape[i];
    const std::int64_t total = window.strides[i] * (input[i] - 1) + extra[i] +
                               (window.kernel[i] - 1) * window.dilations[i] + 1 - wanted;
    if (total < 0) {  // more is asked for than there is: it follows the result
      cut.before[i] = 0;
      cut.after[i] = total;
      continue;
    }
    const bool upper = window.automatic == Window::Automatic::kUpper;
    cut.before[i] = upper ? total / 2 : total - total / 2;
    cut.after[i] = total - cut.before[i];
  }
  return cut;
}

Padding negative(Padding padding) {
  for (std::int64_t& length : padding.before) length = -length;
  for (std::int64_t& length : padding.after) length = -length;
  return padding;
}

Forward conv_transpose(const OperatorNode& node) {
  const Window attributes = Window::of(node);
  const std::int64_t groups = int_attribute(node.proto, "group", 1);
  const Lengths output_padding = ints_attribute(node.proto, "output_padding");
  Lengths output_shape = ints_attribute(node.proto, "output_shape");
  return [=](const Values& inputs) -> Values {
    const at::Tensor& weight = inputs[1];
    const Window window = attributes.filled(spatial(weight));
    const Lengths input = spatial(inputs[0]);
    const Lengths none(input.size(), 0);
    const Lengths extra = output_padding.empty() ? none : output_padding;
    Lengths wanted = output_shape;
    // It may hold the batch and the channels too.
    if (wanted.size() == input.size() + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);
    // libtorch wants less extra than strides or dilations; what is padded after a result of which
    // nothing was cut off is zeros (and the bias) all the same.
    const at::Tensor whole = at::convolution(inputs[0], weight, at::Tensor(), window.strides, none,
                                             window.dilations, true, none, groups);
    const Padding around = negative(cut(window, input, extra, wanted));
    Padding both = around;
    for (std::size_t i = 0; i < extra.size(); ++i) both.after[i] += extra[i];
    const at::Tensor result = padded(whole, both, 0);
    const at::Tensor bias = input_at(inputs, 2);
    if (!bias.defined()) return {result};
    std::vector<std::int64_t> shape(static_cast<std::size_t>(result.dim()), 1);
    shape[1] = -1;
    return {result + bias.reshape(shape)};
  };
}

// Columns of windows, added up where they lay in the picture.
Forward col2im(const OperatorNode& node) {
  const std::optional<Tensor> blocks = stated_value(node, 2);
  if (!blocks || blocks->size() != 2) refuse(node, "a block_shape that is not two constants");
  const Lengths block = to_ints(to_torch(*blocks));
  const Window window = Window::of(node).filled(block);
  const Padding around = window.padding({});
  return [=](const Values& inputs) -> Values {
    Lengths picture = to_ints(inputs[1]);
    for (std::size_t i = 0; i < picture.size(); ++i)
      picture[i] += around.before[i] + around.after[i];
    const at::Tensor whole =
        at::col2im(inputs[0], picture, block, window.dilations, {0, 0}, window.strides);
    return {padded(whole, negative(around), 0)};
  };
}

}  // namespace

std::vector<MappedOperator> convolutions_operators() {
  return {{"Col2Im", col2im}, {"Conv", conv}, {"ConvTranspose", conv_transpose}};
}

}  // namespace octavo
