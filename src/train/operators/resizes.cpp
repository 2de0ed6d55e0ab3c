// Resize and Upsample, an axis at a time: which elements each new one is made of, and in what
// shares.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/attributes.h"
#include "train/constants.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

struct ResizeForm {
  std::string mode;
  std::string coordinates;
  std::string rounding;
  float cubic_coefficient = -0.75F;
  bool excludes_outside = false;
  bool antialiases = false;
  std::string aspect_policy;       // of sizes that are asked for
  std::vector<std::int64_t> axes;  // that scales and sizes are of; empty for all
};

struct AxisLengths {
  std::int64_t before = 0;
  std::int64_t after = 0;
  double scale = 1;
};

// How elements of the result are placed in the input. tf_crop_and_resize is not among them: no
// exporter of networks writes it.
constexpr std::string_view kCoordinates[] = {"align_corners",      "asymmetric",
                                             "half_pixel",         "half_pixel_symmetric",
                                             "pytorch_half_pixel", "tf_half_pixel_for_nn"};

// Where an element of the result lies in the input. ONNX Runtime computes it in float.
float position(std::int64_t index, const AxisLengths& axis, const std::string& coordinates) {
  const auto x = static_cast<float>(index);
  const auto scale = static_cast<float>(axis.scale);
  if (coordinates == "asymmetric") return x / scale;
  if (coordinates == "tf_half_pixel_for_nn") return (x + 0.5F) / scale;
  if (coordinates == "align_corners") {
    if (axis.after == 1) return 0;
    return x * static_cast<float>(axis.before - 1) / static_cast<float>(axis.after - 1);
  }
  if (coordinates == "pytorch_half_pixel" && axis.after == 1) return 0;
  const float middle = (x + 0.5F) / scale - 0.5F;
  if (coordinates != "half_pixel_symmetric") return middle;
  // As far from the centre on one side as on the other, though the length was rounded down.
  const auto before = static_cast<float>(axis.before);
  return middle + before / 2 * (1 - static_cast<float>(axis.after) / (before * scale));
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

// Of each new element as many old ones, and their shares: [tap][element].
struct Taps {
  std::vector<std::vector<std::int64_t>> indices;
  std::vector<std::vector<float>> shares;

  explicit Taps(std::size_t count) : indices(count), shares(count) {}
  void add(std::size_t tap, std::int64_t index, float share, std::int64_t length) {
    indices[tap].push_back(std::clamp<std::int64_t>(index, 0, length - 1));
    shares[tap].push_back(share);
  }
};

at::Tensor mixed(const at::Tensor& x, std::int64_t axis, const Taps& taps) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = -1;
  at::Tensor sum;
  for (std::size_t i = 0; i < taps.indices.size(); ++i) {
    const at::Tensor share = at::tensor(taps.shares[i], at::kFloat).to(x.device()).reshape(shape);
    const at::Tensor part = picked(x, axis, taps.indices[i]) * share;
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

float linear_share(float distance, float) { return std::max(1 - distance, 0.0F); }

// Source: Keys, Cubic convolution interpolation for digital image processing, 1981.
float cubic_share(float d, float a) {
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// The share of an old element at a distance from a new one, and how far it reaches.
struct Kernel {
  float (*share)(float distance, float coefficient) = nullptr;
  float reach = 0;
};

Kernel kernel_of(const ResizeForm& form) {
  return form.mode == "cubic" ? Kernel{cubic_share, 2} : Kernel{linear_share, 1};
}

// Elements at the edge go on beyond it. Where the result is smaller, an antialiasing kernel is
// wider by as much.
at::Tensor weighed_along(const at::Tensor& x, std::int64_t axis, const AxisLengths& lengths,
                         const ResizeForm& form) {
  const Kernel kernel = kernel_of(form);
  const float narrowing =
      form.antialiases ? std::min(static_cast<float>(lengths.scale), 1.0F) : 1.0F;
  const float reach = kernel.reach / narrowing;
  const auto count = static_cast<std::int64_t>(std::ceil(2 * reach));
  Taps taps(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < lengths.after; ++i) {
    const float at = position(i, lengths, form.coordinates);
    const auto first = static_cast<std::int64_t>(std::floor(at - reach)) + 1;
    const auto share = [&](std::int64_t tap) {
      const std::int64_t index = first + tap;
      if (form.excludes_outside && (index < 0 || index >= lengths.before)) return 0.0F;
      const float distance = std::abs(at - static_cast<float>(index)) * narrowing;
      return kernel.share(distance, form.cubic_coefficient);
    };
    float sum = 0;
    for (std::int64_t tap = 0; tap < count; ++tap) sum += share(tap);
    for (std::int64_t tap = 0; tap < count; ++tap) {
      taps.add(static_cast<std::size_t>(tap), first + tap, share(tap) / sum, lengths.before);
    }
  }
  return mixed(x, axis, taps);
}

ResizeForm form_of(const OperatorNode& node) {
  const bool upsamples = node.proto.op_type() == "Upsample" || node.opset < 11;
  ResizeForm form{
      string_attribute(node.proto, "mode", "nearest"),
      string_attribute(node.proto, "coordinate_transformation_mode",
                       upsamples ? "asymmetric" : "half_pixel"),
      string_attribute(node.proto, "nearest_mode", upsamples ? "floor" : "round_prefer_floor"),
      float_attribute(node.proto, "cubic_coeff_a", -0.75F),
      int_attribute(node.proto, "exclude_outside", 0) != 0,
      int_attribute(node.proto, "antialias", 0) != 0,
      string_attribute(node.proto, "keep_aspect_ratio_policy", "stretch"),
      ints_attribute(node.proto, "axes")};
  if (form.mode != "nearest" && form.mode != "linear" && form.mode != "cubic") {
    refuse(node, "mode " + form.mode);
  }
  if (std::find(std::begin(kCoordinates), std::end(kCoordinates), form.coordinates) ==
      std::end(kCoordinates)) {
    refuse(node, form.coordinates);
  }
  if (form.mode == "linear" && form.excludes_outside) refuse(node, "exclude_outside");
  return form;
}

// One scale for all axes, so that the result is not larger, or not smaller, than what is asked for.
void keep_aspect(std::vector<AxisLengths>& resized, bool not_larger) {
  const auto by_scale = [](const AxisLengths& a, const AxisLengths& b) {
    return a.scale < b.scale;
  };
  const double scale = not_larger
                           ? std::min_element(resized.begin(), resized.end(), by_scale)->scale
                           : std::max_element(resized.begin(), resized.end(), by_scale)->scale;
  for (AxisLengths& lengths : resized) {
    lengths.scale = scale;
    lengths.after = std::lround(static_cast<double>(lengths.before) * scale);
  }
}

// For each of the form's axes.
std::vector<AxisLengths> lengths_of(const ResizeForm& form, const at::Tensor& x,
                                    const at::Tensor& scales, const at::Tensor& sizes) {
  const bool sized = sizes.defined() && sizes.numel() > 0;
  std::vector<AxisLengths> resized;
  for (std::size_t i = 0; i < form.axes.size(); ++i) {
    AxisLengths lengths{x.size(form.axes[i]), 0, 1};
    const auto index = static_cast<std::int64_t>(i);
    if (sized) {
      lengths.after = sizes[index].item<std::int64_t>();
      lengths.scale = static_cast<double>(lengths.after) / static_cast<double>(lengths.before);
    } else {
      lengths.scale = scales[index].item<double>();
      lengths.after = static_cast<std::int64_t>(
          std::floor(static_cast<double>(lengths.before) * lengths.scale));
    }
    resized.push_back(lengths);
  }
  if (sized && form.aspect_policy != "stretch") {
    keep_aspect(resized, form.aspect_policy == "not_larger");
  }
  return resized;
}

ResizeForm with_axes_of(ResizeForm form, const at::Tensor& x) {
  if (form.axes.empty()) {
    form.axes.resize(static_cast<std::size_t>(x.dim()));
    std::iota(form.axes.begin(), form.axes.end(), 0);
  }
  for (std::int64_t& axis : form.axes) axis = axis_of(axis, x.dim());
  return form;
}

// An attribute before opset 9.
std::optional<Tensor> stated_scales(const OperatorNode& node, int input) {
  const onnx::AttributeProto* scales = find_attribute(node.proto, "scales");
  if (scales == nullptr) return stated_value(node, input);
  const std::vector<float> values(scales->floats().begin(), scales->floats().end());
  return Tensor::of<float>({scales->floats_size()}, std::span<const float>(values));
}

Forward resize(const OperatorNode& node) {
  const ResizeForm stated_form = form_of(node);
  const bool has_region = node.proto.op_type() == "Resize" && node.opset >= 11;
  const int scales_at = has_region ? 2 : 1;
  const std::optional<Tensor> stated = stated_scales(node, scales_at);
  const auto along = stated_form.mode == "nearest" ? nearest_along : weighed_along;
  return [=](const Values& inputs) -> Values {
    at::Tensor result = inputs[0];
    const auto index = static_cast<std::size_t>(scales_at);
    const at::Tensor scales = stated ? to_torch(*stated) : input_at(inputs, index);
    const ResizeForm form = with_axes_of(stated_form, result);
    const auto lengths = lengths_of(form, result, scales, input_at(inputs, index + 1));
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i].before == lengths[i].after && lengths[i].scale == 1) continue;
      result = along(result, form.axes[i], lengths[i], form);
    }
    return {result};
  };
}

}  // namespace

std::vector<MappedOperator> resizes_operators() {
  return {{"Resize", resize}, {"Upsample", resize}};
}

}  // namespace octavo
