#include "search/comparison/layer_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "model/attributes.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "search/comparison/error_sums.h"
#include "search/comparison/linear_params.h"
#include "search/local_error.h"

namespace octavo {
namespace {

// The only input that is no constant; empty where there are more.
std::string_view only_computed_input(const Graph& graph, const onnx::NodeProto& node) {
  std::string_view only;
  for (const std::string& input : node.input()) {
    if (input.empty() || graph.is_initializer(input)) continue;
    if (!only.empty()) return {};
    only = input;
  }
  return only;
}

// A layer is called after its weighted node, not after the activation behind it.
const onnx::NodeProto* main_node(const ComparedGraphs& graphs, const std::string& tensor) {
  const onnx::NodeProto* last = graphs.exact.producer(tensor);
  const onnx::NodeProto* node = last;
  while (node != nullptr && !weighted_inputs(node->op_type())) {
    const std::string_view before = only_computed_input(graphs.exact, *node);
    const bool leaves_layer = before.empty() || graphs.names.find(before).has_value();
    node = leaves_layer ? nullptr : graphs.exact.producer(before);
  }
  return node == nullptr ? last : node;
}

const onnx::NodeProto* weighted_node(const Segment& segment) {
  for (const onnx::NodeProto* node : segment.nodes) {
    if (weighted_inputs(node->op_type())) return node;
  }
  return nullptr;
}

std::optional<Tensor> float_weight(const Graph& exact, const std::string& node_name,
                                   const Shape& shape) {
  const onnx::NodeProto* node = exact.node(node_name);
  if (node == nullptr) return std::nullopt;
  const auto inputs = weighted_inputs(node->op_type());
  if (!inputs) return std::nullopt;
  const onnx::TensorProto* weight = exact.initializer(input_or_empty(*node, inputs->weight));
  if (weight == nullptr) return std::nullopt;
  Tensor values = tensor_from_proto(*weight).to_float32();
  if (values.shape() != shape) return std::nullopt;
  return values;
}

double share_beyond(const Tensor& exact, const StoredConstant& stored, ChannelStride stride) {
  const auto before = exact.as<float>();
  const auto after = stored.values.as<float>();
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t channel = stored.params.granularity() == Granularity::kPerChannel
                                    ? i / stride.inner % stride.channels
                                    : 0;
    const double step = stored.params.scale[channel];
    // Further off than rounding can be, and towards zero.
    const bool shrunk = std::abs(after[i]) < std::abs(before[i]);
    beyond += shrunk && std::abs(before[i] - after[i]) > 0.501 * step ? 1 : 0;
  }
  return static_cast<double>(beyond) / static_cast<double>(std::max<std::size_t>(before.size(), 1));
}

bool is_depthwise(const onnx::NodeProto& node, const Shape& weight_shape) {
  return node.op_type() == "Conv" && weight_shape.size() > 2 && weight_shape[1] == 1 &&
         int_attribute(node, "group", 1) > 1;
}

// Distance from the zero point; with several of those (asymmetric channels), from the first.
std::int64_t highest_code(const StoredConstant& stored) {
  const std::int64_t zero_point = stored.params.zero_point.front();
  std::int64_t highest = 0;
  for (std::size_t i = 0; i < stored.codes.size(); ++i) {
    const auto code = static_cast<std::int64_t>(stored.codes.at(i));
    highest = std::max<std::int64_t>(highest, std::abs(code - zero_point));
  }
  return highest;
}

std::optional<WeightComparison> weight_facts(const ComparedGraphs& graphs,
                                             const onnx::NodeProto& node,
                                             const std::string& float_name) {
  const WeightedInputs inputs = weighted_inputs(node.op_type()).value_or(WeightedInputs{});
  const auto stored = stored_constant(graphs.quantized, input_or_empty(node, inputs.weight));
  if (!stored) return std::nullopt;
  const Shape& shape = stored->values.shape();
  const auto axis = output_channel_axis(node, static_cast<int>(shape.size()));
  WeightComparison weight;
  weight.dtype = stored->params.scheme.dtype;
  weight.granularity = stored->params.granularity();
  weight.depthwise = is_depthwise(node, shape);
  weight.highest_code = highest_code(*stored);
  const auto exact = float_weight(graphs.exact, float_name, shape);
  const Tensor& best_known = exact ? *exact : stored->values;
  if (axis) weight.widest_over_median = widest_over_median(channel_magnitudes(best_known, *axis));
  if (!exact) return weight;
  const ChannelStride stride = channel_stride(shape, static_cast<std::size_t>(axis.value_or(0)));
  ErrorSums sums;
  sums.add(exact->as<float>(), stored->values.as<float>(), stride);
  weight.sqnr_db = sums.error().sqnr_db;
  weight.channel_sqnr_db = sums.error().channel_sqnr_db;
  weight.clipped_share = share_beyond(*exact, *stored, stride);
  return weight;
}

std::optional<BiasComparison> bias_facts(const Graph& quantized, const onnx::NodeProto& node) {
  const WeightedInputs inputs = weighted_inputs(node.op_type()).value_or(WeightedInputs{});
  if (inputs.bias < 0) return std::nullopt;
  const auto stored = stored_constant(quantized, input_or_empty(node, inputs.bias));
  if (!stored || stored->codes.dtype() != DType::kInt32) return std::nullopt;
  const auto codes = stored->codes.as<std::int32_t>();
  const auto saturated = std::count_if(codes.begin(), codes.end(), [](std::int32_t code) {
    return code == std::numeric_limits<std::int32_t>::max() ||
           code <= -std::numeric_limits<std::int32_t>::max();
  });
  return BiasComparison{static_cast<double>(saturated) /
                        static_cast<double>(std::max<std::size_t>(codes.size(), 1))};
}

}  // namespace

LayerComparison layer_facts(const ComparedGraphs& graphs, std::size_t pair) {
  const TensorPair& own = graphs.pairs[pair];
  LayerComparison layer;
  layer.tensor = own.tensor;
  const onnx::NodeProto* node = main_node(graphs, own.tensor);
  layer.node = node == nullptr ? own.tensor : node->name();
  layer.op_type = node == nullptr ? "Input" : node->op_type();
  const Segment segment = segment_of(graphs.quantized, graphs.pairs, graphs.names, pair);
  for (const std::size_t input : segment.inputs) {
    layer.inputs.push_back(graphs.pairs[input].tensor);
  }
  for (const Use& use : graphs.exact.uses(own.tensor)) {
    layer.readers.push_back(use.node->name());
    layer.reader_types.push_back(use.node->op_type());
  }
  const onnx::NodeProto* weighted = weighted_node(segment);
  if (weighted == nullptr) return layer;
  layer.weight = weight_facts(graphs, *weighted, layer.node);
  layer.bias = bias_facts(graphs.quantized, *weighted);
  return layer;
}

std::size_t channel_axis(const LayerComparison& layer, std::size_t rank) {
  if (layer.op_type == "Conv" || layer.op_type == "ConvTranspose") return 1;
  // Images are [N, C, H, W], sequences [N, T, C].
  return rank == 3 ? 2 : 1;
}

}  // namespace octavo
