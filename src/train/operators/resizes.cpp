// Resize and Upsample, an axis at a time: which elements each new one is made of, and in what
// shares.
#include <algorithm>
#include <cmath>

#include "model/attributes.h"
#include "train/constants.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

struct ResizeForm {
  std::string mode;
  std::string coordinates;
  std::string rounding;
};

struct AxisLengths {
  std::int64_t before = 0;
  std::int64_t after = 0;
  double scale = 1;
};

// Where an element of the result lies in the input. ONNX Runtime computes it in float.
float position(std::int64_t index, const AxisLengths& axis, const std::string& coordinates) {
  const auto x = static_cast<float>(index);
  const auto scale = static_cast<float>(axis.scale);
  if (coordinates == "asymmetric") return x / scale;
  if (coordinates == "align_corners") {
    if (axis.after == 1) return 0;
    return x * static_cast<float>(axis.before - 1) / static_cast<float>(axis.after - 1);
  }
  if (coordinates == "pytorch_half_pixel" && axis.after == 1) return 0;
  return (x + 0.5F) / scale - 0.5F;
}

std::int64_t nearest(float at, const std::string& rounding) {
  if (rounding == "floor") return static_cast<std::int64_t>(std::floor(at));
  if (rounding == "ceil") return static_cast<std::int64_t>(std::ceil(at));
  if (rounding == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(at + 0.5F));
  return static_cast<std::int64_t>(std::ceil(at - 0.5F));  // round_prefer_floor
}

at::Tensor picked(const at::Tensor& x, std::int64_t axis,
                  const std::vector<std::int64_t>& indices) {
  return x.index_select(axis, at::tensor(indices, at::kLong).to(x.device()));
}

at::Tensor nearest_along(const at::Tensor& x, std::int64_t axis, const AxisLengths& lengths,
                         const ResizeForm& form) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < lengths.after; ++i) {
    const std::int64_t index = nearest(position(i, lengths, form.coordinates), form.rounding);
    indices.push_back(std::clamp<std::int64_t>(index, 0, lengths.before - 1));
  }
  return picked(x, axis, indices);
}

at::Tensor linear_along(const at::Tensor& x, std::int64_t axis, const AxisLengths& lengths,
                        const ResizeForm& form) {
  std::vector<std::int64_t> lower;
  std::vector<std::int64_t> upper;
  std::vector<float> shares;
  for (std::int64_t i = 0; i < lengths.after; ++i) {
    const float at = std::clamp(position(i, lengths, form.coordinates), 0.0F,
                                static_cast<float>(lengths.before - 1));
    lower.push_back(static_cast<std::int64_t>(at));
    upper.push_back(std::min(lower.back() + 1, lengths.before - 1));
    shares.push_back(at - static_cast<float>(lower.back()));
  }
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = lengths.after;
  const at::Tensor share = at::tensor(shares, at::kFloat).to(x.device()).reshape(shape);
  return picked(x, axis, lower) * (1 - share) + picked(x, axis, upper) * share;
}

ResizeForm form_of(const OperatorNode& node) {
  const bool upsamples = node.proto.op_type() == "Upsample" || node.opset < 11;
  ResizeForm form{
      string_attribute(node.proto, "mode", "nearest"),
      string_attribute(node.proto, "coordinate_transformation_mode",
                       upsamples ? "asymmetric" : "half_pixel"),
      string_attribute(node.proto, "nearest_mode", upsamples ? "floor" : "round_prefer_floor")};
  if (form.mode != "nearest" && form.mode != "linear") refuse(node, "mode " + form.mode);
  if (form.coordinates == "tf_crop_and_resize" || form.coordinates == "half_pixel_symmetric") {
    refuse(node, form.coordinates);
  }
  if (int_attribute(node.proto, "antialias", 0) != 0) refuse(node, "antialias");
  if (string_attribute(node.proto, "keep_aspect_ratio_policy", "stretch") != "stretch") {
    refuse(node, "keep_aspect_ratio_policy");
  }
  if (find_attribute(node.proto, "axes") != nullptr) refuse(node, "axes");
  return form;
}

std::vector<AxisLengths> axes_of(const at::Tensor& x, const at::Tensor& scales,
                                 const at::Tensor& sizes) {
  std::vector<AxisLengths> axes;
  for (std::int64_t axis = 0; axis < x.dim(); ++axis) {
    AxisLengths lengths{x.size(axis), 0, 1};
    if (sizes.defined() && sizes.numel() > 0) {
      lengths.after = sizes[axis].item<std::int64_t>();
      lengths.scale = static_cast<double>(lengths.after) / static_cast<double>(lengths.before);
    } else {
      lengths.scale = scales[axis].item<double>();
      lengths.after = static_cast<std::int64_t>(
          std::floor(static_cast<double>(lengths.before) * lengths.scale));
    }
    axes.push_back(lengths);
  }
  return axes;
}

Forward resize(const OperatorNode& node) {
  const ResizeForm form = form_of(node);
  const bool has_region = node.proto.op_type() == "Resize" && node.opset >= 11;
  const int scales_at = has_region ? 2 : 1;
  const std::optional<Tensor> stated = stated_value(node, scales_at);
  return [=](const Values& inputs) -> Values {
    at::Tensor result = inputs[0];
    const auto index = static_cast<std::size_t>(scales_at);
    const at::Tensor scales = stated ? to_torch(*stated) : input_at(inputs, index);
    const std::vector<AxisLengths> axes = axes_of(result, scales, input_at(inputs, index + 1));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if (axes[i].before == axes[i].after && axes[i].scale == 1) continue;
      const auto along = form.mode == "nearest" ? nearest_along : linear_along;
      result = along(result, static_cast<std::int64_t>(i), axes[i], form);
    }
    return {result};
  };
}

}  // namespace

std::vector<MappedOperator> resizes_operators() {
  return {{"Resize", resize}, {"Upsample", resize}};
}

}  // namespace octavo
