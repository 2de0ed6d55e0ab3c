#include "repair/unfold.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "model/attributes.h"
#include "model/operators.h"
#include "octavo/error.h"
#include "prepare/linear_node.h"

namespace octavo {
namespace {

std::vector<std::int64_t> or_else(std::vector<std::int64_t> values, std::size_t count,
                                  std::int64_t value) {
  if (values.empty()) values.assign(count, value);
  return values;
}

// `count` of the numbers below `size`, each at most once.
std::vector<std::size_t> draw(std::size_t size, std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> all(size);
  std::iota(all.begin(), all.end(), 0);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < std::min(count, size); ++i) {
    std::swap(all[i], all[i + random() % (size - i)]);
  }
  all.resize(std::min(count, size));
  return all;
}

class ConvUnfolder {
 public:
  ConvUnfolder(const TensorView& input, const Window& window)
      : window_(window),
        shape_(input.shape),
        values_(reinterpret_cast<const float*>(input.bytes.data())) {
    for (std::size_t i = 0; i < window.kernel.size(); ++i) {
      steps_.push_back(window_steps(window, i, shape_[i + 2]));
    }
  }

  std::size_t positions() const {
    std::size_t count = static_cast<std::size_t>(shape_[0]);
    for (const WindowSteps& steps : steps_) count *= static_cast<std::size_t>(steps.count);
    return count;
  }

  void fill(std::size_t position, std::vector<Eigen::MatrixXf>& groups, Eigen::Index column) const {
    std::vector<std::int64_t> origin(steps_.size());
    for (std::size_t i = steps_.size(); i-- > 0;) {
      const auto count = static_cast<std::size_t>(steps_[i].count);
      origin[i] =
          steps_[i].begin + static_cast<std::int64_t>(position % count) * window_.strides[i];
      position /= count;
    }
    const auto channels = static_cast<std::size_t>(shape_[1]);
    const std::size_t per_group = channels / groups.size();
    const std::size_t taps = window_.rows / per_group;
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const std::int64_t offset = offset_of(tap, origin);
      for (std::size_t c = 0; c < channels; ++c) {
        const auto row = static_cast<Eigen::Index>(c % per_group * taps + tap);
        groups[c / per_group](row, column) =
            offset < 0 ? 0 : values_[(position * channels + c) * plane() + offset];
      }
    }
  }

 private:
  std::size_t plane() const {
    std::size_t size = 1;
    for (std::size_t i = 2; i < shape_.size(); ++i) size *= static_cast<std::size_t>(shape_[i]);
    return size;
  }

  // Within a channel; -1 in the padding.
  std::int64_t offset_of(std::size_t tap, const std::vector<std::int64_t>& origin) const {
    std::int64_t offset = 0;
    std::int64_t stride = 1;
    for (std::size_t i = steps_.size(); i-- > 0;) {
      const auto kernel = static_cast<std::size_t>(window_.kernel[i]);
      const std::int64_t at =
          origin[i] + static_cast<std::int64_t>(tap % kernel) * window_.dilations[i];
      if (at < 0 || at >= shape_[i + 2]) return -1;
      offset += at * stride;
      stride *= shape_[i + 2];
      tap /= kernel;
    }
    return offset;
  }

  const Window& window_;
  Shape shape_;
  const float* values_;
  std::vector<WindowSteps> steps_;
};

void require_input(const TensorView& input, const Window& window) {
  const std::size_t rank = input.shape.size();
  const bool fits = window.is_conv
                        ? rank == window.kernel.size() + 2
                        : rank >= 1 && input.shape.back() == static_cast<std::int64_t>(window.rows);
  if (fits && input.dtype == DType::kFloat32) return;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("a layer's input is {} of shape {}, expected float32 of {}",
                          traits(input.dtype).name, to_string(input.shape),
                          window.is_conv ? fmt::format("rank {}", window.kernel.size() + 2)
                                         : fmt::format("last length {}", window.rows)));
}

}  // namespace

std::optional<Window> window_of(const LinearNode& layer) {
  const onnx::NodeProto& node = *layer.node;
  Window window;
  if (is_product(node)) {
    if (int_attribute(node, "transA", 0) != 0) return std::nullopt;
    window.rows = layer.input_channels;
    return window;
  }
  if (node.op_type() != "Conv") return std::nullopt;
  const Shape& shape = layer.weights.shape();
  const std::size_t dimensions = shape.size() - 2;
  window.is_conv = true;
  window.kernel.assign(shape.begin() + 2, shape.end());
  window.strides = or_else(ints_attribute(node, "strides"), dimensions, 1);
  window.dilations = or_else(ints_attribute(node, "dilations"), dimensions, 1);
  window.pads = or_else(ints_attribute(node, "pads"), 2 * dimensions, 0);
  window.auto_pad = string_attribute(node, "auto_pad", "NOTSET");
  window.groups = static_cast<std::size_t>(int_attribute(node, "group", 1));
  window.rows = layer.weights.size() / layer.output_channels;
  return window;
}

WindowSteps window_steps(const Window& window, std::size_t dimension, std::int64_t length) {
  const std::int64_t span = (window.kernel[dimension] - 1) * window.dilations[dimension] + 1;
  const std::int64_t stride = window.strides[dimension];
  if (window.auto_pad == "SAME_UPPER" || window.auto_pad == "SAME_LOWER") {
    const std::int64_t count = (length + stride - 1) / stride;
    const std::int64_t padding = std::max<std::int64_t>((count - 1) * stride + span - length, 0);
    const std::int64_t before = window.auto_pad == "SAME_UPPER" ? padding / 2 : (padding + 1) / 2;
    return {-before, count};
  }
  const bool is_valid = window.auto_pad == "VALID";
  const std::int64_t before = is_valid ? 0 : window.pads[dimension];
  const std::int64_t after = is_valid ? 0 : window.pads[dimension + window.kernel.size()];
  return {-before, std::max<std::int64_t>((length + before + after - span) / stride + 1, 0)};
}

std::vector<Eigen::MatrixXf> unfold(const TensorView& input, const Window& window,
                                    std::size_t max_columns, std::uint64_t seed) {
  require_input(input, window);
  const auto rows = static_cast<Eigen::Index>(window.rows);
  if (!window.is_conv) {
    const auto* values = reinterpret_cast<const float*>(input.bytes.data());
    const std::size_t count = input.bytes.size() / sizeof(float) / window.rows;
    const std::vector<std::size_t> picks = draw(count, max_columns, seed);
    Eigen::MatrixXf matrix(rows, static_cast<Eigen::Index>(picks.size()));
    for (std::size_t i = 0; i < picks.size(); ++i) {
      matrix.col(static_cast<Eigen::Index>(i)) =
          Eigen::Map<const Eigen::VectorXf>(values + picks[i] * window.rows, rows);
    }
    return {matrix};
  }
  const ConvUnfolder unfolder(input, window);
  const std::vector<std::size_t> picks = draw(unfolder.positions(), max_columns, seed);
  std::vector<Eigen::MatrixXf> groups(
      window.groups, Eigen::MatrixXf(rows, static_cast<Eigen::Index>(picks.size())));
  for (std::size_t i = 0; i < picks.size(); ++i) {
    unfolder.fill(picks[i], groups, static_cast<Eigen::Index>(i));
  }
  return groups;
}

}  // namespace octavo
