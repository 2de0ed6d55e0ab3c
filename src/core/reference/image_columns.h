// A convolution as a matrix product (im2col), in the order in which integer kernels read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/tensor.h"

namespace octavo {

// Of one group of a convolution of any number of spatial dimensions.
struct ConvolutionGeometry {
  std::vector<std::int64_t> kernel;  // one entry a spatial dimension, as all below
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> pads_begin;
  std::vector<std::int64_t> pads_end;

  // Of the output, from the input's. Throws Error(kInvalidArgument) if the kernel does not fit.
  std::vector<std::int64_t> output_lengths(std::span<const std::int64_t> input_lengths) const;
};

// One row an output position: for each tap of the kernel, its channels side by side, so that
// neighbouring channels of one pixel follow each other (channels-last). What lies outside the image
// is `padding`, the input's zero point. `image` is [channels, spatial...].
std::vector<std::int32_t> image_columns(std::span<const std::int32_t> image, std::size_t channels,
                                        std::span<const std::int64_t> lengths,
                                        const ConvolutionGeometry& geometry, std::int32_t padding);

// [outputs, channels, taps] as ONNX stores it -> [outputs, taps x channels], to multiply with.
std::vector<std::int32_t> kernel_rows(std::span<const std::int32_t> weights, std::size_t outputs,
                                      std::size_t channels);

}  // namespace octavo
