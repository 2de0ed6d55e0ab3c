// Parts of tensors taken, put together, or surrounded.
#include <algorithm>
#include <limits>

#include "model/attributes.h"
#include "train/constants.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

using Lengths = std::vector<std::int64_t>;

Forward concat(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", 0);
  return [axis](const Values& inputs) -> Values { return {at::cat(on_one_device(inputs), axis)}; };
}

// `count` parts as even as can be, the last one shorter.
Lengths even_parts(std::int64_t length, std::int64_t count) {
  const std::int64_t part = (length + count - 1) / count;
  Lengths parts;
  for (std::int64_t done = 0; done < length; done += part) {
    parts.push_back(std::min(part, length - done));
  }
  return parts;
}

Forward split(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", 0);
  const std::int64_t count = node.proto.output_size();
  return [=, proto = node.proto, opset = node.opset,
          &graph = node.graph](const Values& inputs) -> Values {
    const auto stated = ints_of({proto, opset, graph}, "split", inputs, 1);
    const Lengths parts = stated ? *stated : even_parts(inputs[0].size(axis), count);
    return at::split_with_sizes(inputs[0], parts, axis);
  };
}

struct Cut {
  std::int64_t axis = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t step = 1;
};

// ONNX counts from the end for negative positions and lets positions lie outside.
at::Tensor sliced(const at::Tensor& x, Cut cut) {
  const std::int64_t length = x.size(cut.axis);
  const auto inside = [&](std::int64_t position, std::int64_t lowest, std::int64_t highest) {
    return std::clamp(position < 0 ? position + length : position, lowest, highest);
  };
  if (cut.step > 0) {
    const std::int64_t begin = inside(cut.begin, 0, length);
    const std::int64_t end = std::max(inside(cut.end, 0, length), begin);
    return x.slice(cut.axis, begin, end, cut.step);
  }
  const std::int64_t begin = inside(cut.begin, 0, length - 1);
  const std::int64_t end = cut.end < -length ? -1 : inside(cut.end, std::int64_t{-1}, length - 1);
  const std::int64_t count = std::max<std::int64_t>((begin - end - cut.step - 1) / -cut.step, 0);
  const at::Tensor positions = at::arange(count, at::kLong) * cut.step + begin;
  return x.index_select(cut.axis, positions.to(x.device()));
}

Forward slice(const OperatorNode& node) {
  return [proto = node.proto, opset = node.opset,
          &graph = node.graph](const Values& inputs) -> Values {
    const OperatorNode self{proto, opset, graph};
    const Lengths begins = ints_of(self, "starts", inputs, 1).value();
    const Lengths ends = ints_of(self, "ends", inputs, 2).value();
    const auto axes = ints_of(self, "axes", inputs, 3);
    const at::Tensor steps = input_at(inputs, 4);
    const Lengths strides = steps.defined() ? to_ints(steps) : Lengths(begins.size(), 1);
    at::Tensor result = inputs[0];
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const std::int64_t axis = axes ? (*axes)[i] : static_cast<std::int64_t>(i);
      result = sliced(result, {axis_of(axis, result.dim()), begins[i], ends[i], strides[i]});
    }
    return {result};
  };
}

at::Tensor filled_around(const at::Tensor& x, const Lengths& before, const Lengths& after,
                         const at::Scalar& value) {
  Lengths lengths;  // libtorch's begin at the last axis
  for (std::size_t i = before.size(); i > 0; --i) {
    lengths.push_back(before[i - 1]);
    lengths.push_back(after[i - 1]);
  }
  return at::constant_pad_nd(x, lengths, value);
}

// Elements of x itself around it: each axis is looked up by the position that it mirrors.
at::Tensor mirrored_around(const at::Tensor& x, const Lengths& before, const Lengths& after,
                           const std::string& mode) {
  at::Tensor result = x;
  for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
    const std::int64_t length = x.size(axis);
    const auto i = static_cast<std::size_t>(axis);
    if (before[i] == 0 && after[i] == 0) continue;
    at::Tensor positions = at::arange(-before[i], length + after[i], at::kLong);
    if (mode == "reflect") {
      positions = positions.abs();
      positions = (length - 1) - (length - 1 - positions).abs();
    } else if (mode == "wrap") {
      positions = at::remainder(positions, length);
    }
    result = result.index_select(axis, positions.clamp(0, length - 1).to(x.device()));
  }
  return result;
}

Forward pad(const OperatorNode& node) {
  const std::string mode = string_attribute(node.proto, "mode", "constant");
  const float filling = float_attribute(node.proto, "value", 0);
  const std::optional<Tensor> stated_filling = stated_value(node, 2);
  return [=, proto = node.proto, opset = node.opset,
          &graph = node.graph](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const Lengths stated = ints_of({proto, opset, graph}, "pads", inputs, 1).value();
    const at::Tensor axes_input = input_at(inputs, 3);
    Lengths before(static_cast<std::size_t>(x.dim()), 0);
    Lengths after = before;
    const Lengths axes = axes_input.defined() ? to_ints(axes_input) : Lengths();
    for (std::size_t i = 0; i < stated.size() / 2; ++i) {
      const std::int64_t axis = axes.empty() ? static_cast<std::int64_t>(i) : axes[i];
      before[static_cast<std::size_t>(axis_of(axis, x.dim()))] = stated[i];
      after[static_cast<std::size_t>(axis_of(axis, x.dim()))] = stated[i + stated.size() / 2];
    }
    if (mode != "constant") return {mirrored_around(x, before, after, mode)};
    const at::Tensor value = stated_filling ? to_torch(*stated_filling) : input_at(inputs, 2);
    return {filled_around(x, before, after, value.defined() ? value.item() : at::Scalar(filling))};
  };
}

}  // namespace

std::vector<MappedOperator> selections_operators() {
  return {{"Concat", concat}, {"Pad", pad}, {"Slice", slice}, {"Split", split}};
}

}  // namespace octavo
