// Convolutions and matrix products seen as one thing: constant weights whose output channels can be
// scaled and shifted, so that an affine operation behind them costs nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/graph.h"
#include "model/name_pool.h"
#include "octavo/tensor.h"
#include "onnx/onnx-ml.pb.h"
#include "prepare/graph_edits.h"

namespace octavo {

// Which channel an element of the weights belongs to.
struct ChannelStrides {
  std::size_t stride = 1;        // elements until the channel's index goes up by one
  std::size_t extent = 1;        // channels in a group
  std::size_t group_stride = 1;  // elements of a group

  std::size_t channel(std::size_t element) const {
    return element / group_stride * extent + element / stride % extent;
  }
};

struct LinearNode {
  const onnx::NodeProto* node = nullptr;
  Tensor weights;
  std::vector<double> bias;  // one a channel; 0 where the node has none
  bool has_bias = false;
  std::size_t output_channels = 0;
  ChannelStrides output_layout;
  std::size_t input_channels = 0;
  ChannelStrides input_layout;
};

// Why a node is none.
struct NotLinear {
  std::string reason;
};

// Is `node` one of the operators that as_linear_node takes?
bool is_linear_operator(const onnx::NodeProto& node);

// A Conv, ConvTranspose, Gemm or MatMul with constant weights (of rank 2 for MatMul) and constant
// or no bias. Refuses anything else with its reason.
std::variant<LinearNode, NotLinear> as_linear_node(const Graph& graph, const onnx::NodeProto& node);

// Of a convolution: is nothing added around its input?
bool pads_nothing(const onnx::NodeProto& node);

// What adding `shift` to every input channel adds to the output channels, away from padding.
std::vector<double> propagated(const LinearNode& linear, const std::vector<double>& shift);

// `constant` as one value an output channel, if it broadcasts so over the node's result and does
// not give it another shape: [C,1,1] or one element after a 2-D Conv, [N] or one element after a
// product.
std::optional<std::vector<double>> per_output_channel(const LinearNode& linear,
                                                      const Tensor& constant);

// y' = y * scale + shift for every output channel; x' = x * input_scale for every input channel.
// An empty vector changes nothing.
struct ChannelAffine {
  std::vector<double> scale;
  std::vector<double> shift;
  std::vector<double> input_scale;
};

// A layer with other weights, and maybe another bias.
struct FoldedLayer {
  onnx::NodeProto node;
  std::vector<onnx::TensorProto> initializers;
};

// The layer with `affine` folded in, computed in double and rounded once. Its name, its output, its
// other inputs and attributes stay; weights and bias keep their names where no one else reads them.
// A MatMul with a shift becomes a Gemm: its result must be of rank 2. None if a value leaves the
// range of the weights' type.
std::optional<FoldedLayer> fold_affine(const Graph& graph, const LinearNode& linear,
                                       const ChannelAffine& affine, NamePool& names);

// The same for a shift of the output channels alone: the weights stay where they are.
std::optional<FoldedLayer> fold_shift(const Graph& graph, const LinearNode& linear,
                                      const std::vector<double>& shift, NamePool& names);

// Puts `folded` in the place of the node that it was made of.
void replace_layer(const LinearNode& linear, FoldedLayer folded, GraphEdits& edits);

}  // namespace octavo
