// The windows that a layer multiplies its weights with, one column each: a convolution as a matrix
// product.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "octavo/executor.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/linear_node.h"

namespace octavo {

// How a Conv (of any number of spatial dimensions), Gemm or MatMul reads its input.
struct Window {
  bool is_conv = false;
  std::vector<std::int64_t> kernel;  // spatial, as the next three
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> pads;  // begin of each, then end of each
  std::string auto_pad;            // "NOTSET", "SAME_UPPER", ...
  std::size_t groups = 1;
  std::size_t rows = 1;  // weights of one output channel
};

// Nothing for ConvTranspose and for a Gemm that transposes its input.
std::optional<Window> window_of(const LinearNode& layer);

// Where the windows of one spatial dimension begin.
struct WindowSteps {
  std::int64_t begin = 0;  // of the first, negative in the padding
  std::int64_t count = 0;
};

// `length` is the input's, along spatial dimension `dimension`.
WindowSteps window_steps(const Window& window, std::size_t dimension, std::int64_t length);

// One matrix a group, rows x columns: up to `max_columns` windows of `input`, drawn by `seed`, in
// the order of the weights' elements. Row order is that of one output channel's weights.
// Throws Error(kUnsupported) for an input that is not float32 or has another rank.
std::vector<Eigen::MatrixXf> unfold(const TensorView& input, const Window& window,
                                    std::size_t max_columns, std::uint64_t seed);

}  // namespace octavo
