// Conv as a product of matrices (im2col), of one or two spatial dimensions, in groups.
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "prepare/linear_node.h"
#include "repair/block/block_operator_makers.h"
#include "repair/block/matrices.h"
#include "repair/unfold.h"

namespace octavo {
namespace {

// One spatial dimension.
struct Axis {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t begin = 0;  // of the first window, negative in the padding
  std::int64_t input = 1;
  std::int64_t output = 1;

  std::int64_t first_at(std::int64_t tap) const { return begin + tap * dilation; }
};

// A convolution of one input.
struct Geometry {
  std::array<Axis, 2> axes;  // rows and columns
  Eigen::Index samples = 1;
  Eigen::Index groups = 1;
  Eigen::Index channels = 1;  // of a group's input
  Eigen::Index outputs = 1;   // of a group

  Eigen::Index taps() const { return axes[0].kernel * axes[1].kernel; }
  Eigen::Index pixels() const { return axes[0].input * axes[1].input; }
  Eigen::Index positions() const { return axes[0].output * axes[1].output; }
};

// The part of one row of windows that lies inside the image, for one tap of the kernel:
// move(offset in the image, offset in the columns' row, how many, distance in the image).
template <typename Move>
void for_each_run(const Geometry& geometry, Eigen::Index tap, Move move) {
  const auto& [rows, columns] = geometry.axes;
  const std::int64_t down = rows.first_at(tap / columns.kernel);
  const std::int64_t right = columns.first_at(tap % columns.kernel);
  const std::int64_t stride = columns.stride;
  const std::int64_t first = right >= 0 ? 0 : (-right + stride - 1) / stride;
  const std::int64_t inside = columns.input - 1 - right;  // the last that is not beyond the end
  const std::int64_t last = inside < 0 ? 0 : std::min(columns.output, inside / stride + 1);
  if (first >= last) return;
  for (std::int64_t y = 0; y < rows.output; ++y) {
    const std::int64_t row = down + y * rows.stride;
    if (row < 0 || row >= rows.input) continue;
    move(row * columns.input + right + first * stride, y * columns.output + first, last - first,
         stride);
  }
}

// Is the image its own columns?
bool is_pointwise(const Geometry& geometry) {
  return std::all_of(geometry.axes.begin(), geometry.axes.end(), [](const Axis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.begin == 0 && axis.input == axis.output;
  });
}

// One row for each tap of each channel, one column for each window.
void fill_columns(const Geometry& geometry, const float* image, RowMatrix& columns) {
  columns.setZero(geometry.channels * geometry.taps(), geometry.positions());
  for (Eigen::Index row = 0; row < columns.rows(); ++row) {
    const float* plane = image + row / geometry.taps() * geometry.pixels();
    float* target = columns.data() + row * columns.cols();
    for_each_run(geometry, row % geometry.taps(), [&](auto from, auto to, auto count, auto stride) {
      if (stride == 1) {
        std::copy_n(plane + from, count, target + to);
        return;
      }
      for (std::int64_t i = 0; i < count; ++i) target[to + i] = plane[from + i * stride];
    });
  }
}

// The transpose of fill_columns: adds each column's element to the pixel that it came from.
void add_columns(const Geometry& geometry, const RowMatrix& columns, float* image) {
  for (Eigen::Index row = 0; row < columns.rows(); ++row) {
    float* plane = image + row / geometry.taps() * geometry.pixels();
    const float* source = columns.data() + row * columns.cols();
    for_each_run(geometry, row % geometry.taps(), [&](auto from, auto to, auto count, auto stride) {
      for (std::int64_t i = 0; i < count; ++i) {
        plane[from + i * stride] += source[to + i];
      }
    });
  }
}

class Convolution final : public BlockOperator {
 public:
  explicit Convolution(Window window) : window_(std::move(window)) {}

  Tensor forward(OperatorInputs inputs) const override {
    const Geometry geometry = geometry_of(inputs[0]->shape(), inputs[1]->shape());
    Tensor result(DType::kFloat32, output_shape(geometry));
    RowMatrix columns;
    for (Eigen::Index part = 0; part < geometry.samples * geometry.groups; ++part) {
      MatrixMap y = part_of(result.mutable_as<float>().data(), part, geometry);
      y.noalias() =
          weights_of(inputs, part, geometry) * columns_of(inputs, part, geometry, columns);
      if (inputs.size() > 2 && inputs[2] != nullptr) {
        const float* bias = inputs[2]->as<float>().data();
        y.colwise() += Eigen::Map<const Eigen::VectorXf>(
            bias + part % geometry.groups * geometry.outputs, geometry.outputs);
      }
    }
    return result;
  }

  void backward(OperatorInputs inputs, const Tensor& /*output*/, const Tensor& gradient,
                OperatorGradients gradients) const override {
    const Geometry geometry = geometry_of(inputs[0]->shape(), inputs[1]->shape());
    RowMatrix columns;
    for (Eigen::Index part = 0; part < geometry.samples * geometry.groups; ++part) {
      const ConstMatrixMap above(
          gradient.as<float>().data() + part * geometry.outputs * geometry.positions(),
          geometry.outputs, geometry.positions());
      if (gradients[1] != nullptr) {
        MatrixMap below(gradients[1]->mutable_as<float>().data() + weights_at(part, geometry),
                        geometry.outputs, geometry.channels * geometry.taps());
        below.noalias() += above * columns_of(inputs, part, geometry, columns).transpose();
      }
      if (gradients[0] == nullptr) continue;
      float* image = gradients[0]->mutable_as<float>().data() + image_at(part, geometry);
      if (is_pointwise(geometry)) {
        MatrixMap(image, geometry.channels, geometry.pixels()).noalias() +=
            weights_of(inputs, part, geometry).transpose() * above;
        continue;
      }
      columns.noalias() = weights_of(inputs, part, geometry).transpose() * above;
      add_columns(geometry, columns, image);
    }
  }

 private:
  Geometry geometry_of(const Shape& input, const Shape& weights) const {
    Geometry geometry;
    geometry.samples = input[0];
    geometry.groups = static_cast<Eigen::Index>(window_.groups);
    geometry.channels = weights[1];
    geometry.outputs = weights[0] / geometry.groups;
    const std::size_t dimensions = window_.kernel.size();
    for (std::size_t i = 0; i < dimensions; ++i) {
      const WindowSteps steps = window_steps(window_, i, input[i + 2]);
      geometry.axes[2 - dimensions + i] = {window_.kernel[i],    window_.strides[i],
                                           window_.dilations[i], steps.begin,
                                           input[i + 2],         steps.count};
    }
    return geometry;
  }

  Shape output_shape(const Geometry& geometry) const {
    Shape shape = {geometry.samples, geometry.groups * geometry.outputs};
    for (std::size_t i = 2 - window_.kernel.size(); i < 2; ++i) {
      shape.push_back(geometry.axes[i].output);
    }
    return shape;
  }

  // A part is one group of one sample.
  static Eigen::Index image_at(Eigen::Index part, const Geometry& geometry) {
    return part * geometry.channels * geometry.pixels();
  }

  static Eigen::Index weights_at(Eigen::Index part, const Geometry& geometry) {
    return part % geometry.groups * geometry.outputs * geometry.channels * geometry.taps();
  }

  static MatrixMap part_of(float* results, Eigen::Index part, const Geometry& geometry) {
    return {results + part * geometry.outputs * geometry.positions(), geometry.outputs,
            geometry.positions()};
  }

  static ConstMatrixMap weights_of(OperatorInputs inputs, Eigen::Index part,
                                   const Geometry& geometry) {
    return {inputs[1]->as<float>().data() + weights_at(part, geometry), geometry.outputs,
            geometry.channels * geometry.taps()};
  }

  // `memory` holds them where the image does not.
  static ConstMatrixMap columns_of(OperatorInputs inputs, Eigen::Index part,
                                   const Geometry& geometry, RowMatrix& memory) {
    const float* image = inputs[0]->as<float>().data() + image_at(part, geometry);
    if (is_pointwise(geometry)) return {image, geometry.channels, geometry.pixels()};
    fill_columns(geometry, image, memory);
    return {memory.data(), memory.rows(), memory.cols()};
  }

  Window window_;
};

}  // namespace

std::unique_ptr<BlockOperator> make_convolution(const Graph& graph, const onnx::NodeProto& node) {
  const auto found = as_linear_node(graph, node);
  const auto* layer = std::get_if<LinearNode>(&found);
  if (layer == nullptr) return nullptr;
  std::optional<Window> window = window_of(*layer);
  if (!window || window->kernel.empty() || window->kernel.size() > 2) return nullptr;
  return std::make_unique<Convolution>(std::move(*window));
}

}  // namespace octavo
