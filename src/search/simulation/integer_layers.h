// The layers of a Q/DQ model that a runtime computes on integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/reference/image_columns.h"
#include "model/graph.h"
#include "octavo/quantization.h"

namespace octavo {

struct IntegerLayer {
  std::string node;
  std::string op_type;
  std::string activation;  // the tensor of codes that it reads
  DType activation_dtype = DType::kUint8;
  std::int32_t activation_zero_point = 0;
  DType weight_dtype = DType::kInt8;
  std::vector<float> weight_scales;              // one, or one an output channel
  std::vector<std::int32_t> weight_zero_points;  // as many
  std::vector<std::int32_t> weights;  // [outputs, inner]; of a convolution, of each group in turn
  std::size_t outputs = 0;            // of all groups
  std::size_t inner = 0;
  std::size_t groups = 1;
  std::optional<ConvolutionGeometry> geometry;  // of a Conv

  // One channel in and one out of each group: kernels of their own compute that.
  bool is_depthwise() const {
    return geometry && groups > 1 && groups == outputs && inner == taps();
  }
  std::size_t taps() const;  // of the kernel; 1 of a matrix product
};

// In graph order. Left out: layers without a constant weight of their own, transposed
// convolutions, and weights in blocks.
std::vector<IntegerLayer> integer_layers(const Graph& graph);

}  // namespace octavo
