#include "prepare/linear_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "model/attributes.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

constexpr int kWeights = 1;
constexpr int kBias = 2;

std::size_t at(const Shape& shape, std::size_t index) {
  return static_cast<std::size_t>(shape[index]);
}

// Elements of one kernel window.
std::size_t window(const Shape& shape) {
  std::size_t count = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) count *= at(shape, i);
  return count;
}

// Weights [M, C/group, ...].
void describe_conv(LinearNode& linear, std::size_t groups) {
  const Shape& shape = linear.weights.shape();
  const std::size_t kernel = window(shape);
  const std::size_t outputs = at(shape, 0);
  const std::size_t inputs = at(shape, 1);
  const std::size_t total = linear.weights.size();
  linear.output_channels = outputs;
  linear.output_layout = {total / outputs, outputs, total};
  linear.input_channels = inputs * groups;
  linear.input_layout = {kernel, inputs, total / groups};
}

// Weights [C, M/group, ...].
void describe_conv_transpose(LinearNode& linear, std::size_t groups) {
  const Shape& shape = linear.weights.shape();
  const std::size_t kernel = window(shape);
  const std::size_t inputs = at(shape, 0);
  const std::size_t outputs = at(shape, 1);
  const std::size_t total = linear.weights.size();
  linear.output_channels = outputs * groups;
  linear.output_layout = {kernel, outputs, total / groups};
  linear.input_channels = inputs;
  linear.input_layout = {total / inputs, inputs, total};
}

// Weights [K, N], or [N, K] where transposed.
void describe_product(LinearNode& linear, bool transposed) {
  const Shape& shape = linear.weights.shape();
  const std::size_t total = linear.weights.size();
  const ChannelStrides rows = {at(shape, 1), at(shape, 0), total};
  const ChannelStrides columns = {1, at(shape, 1), total};
  linear.output_layout = transposed ? rows : columns;
  linear.input_layout = transposed ? columns : rows;
  linear.output_channels = linear.output_layout.extent;
  linear.input_channels = linear.input_layout.extent;
}

// The reason why the weights cannot belong to such a node, or empty.
std::string describe_weights(LinearNode& linear) {
  const onnx::NodeProto& node = *linear.node;
  const Shape& shape = linear.weights.shape();
  if (linear.weights.size() == 0 || shape.size() < 2 || (is_product(node) && shape.size() != 2)) {
    return fmt::format("its weights '{}' have shape {}", node.input(kWeights), to_string(shape));
  }
  if (is_product(node)) {
    describe_product(linear, int_attribute(node, "transB", 0) != 0);
    return "";
  }
  const std::int64_t groups = int_attribute(node, "group", 1);
  if (groups < 1 || shape[0] % groups != 0) {
    return fmt::format("{} groups do not divide weights of shape {}", groups, to_string(shape));
  }
  if (node.op_type() == "Conv") describe_conv(linear, static_cast<std::size_t>(groups));
  if (node.op_type() == "ConvTranspose") {
    describe_conv_transpose(linear, static_cast<std::size_t>(groups));
  }
  return "";
}

// One value a channel from a bias that may be a scalar or carry leading dimensions of 1.
bool read_bias(LinearNode& linear, const Tensor& bias) {
  const Shape& shape = bias.shape();
  const bool is_row = shape.empty() || std::all_of(shape.begin(), shape.end() - 1,
                                                   [](std::int64_t size) { return size == 1; });
  const bool fits = bias.size() == 1 || bias.size() == linear.output_channels;
  if (!is_row || !fits) return false;
  const double factor = linear.node->op_type() == "Gemm"
                            ? static_cast<double>(float_attribute(*linear.node, "beta", 1))
                            : 1.0;
  for (std::size_t i = 0; i < linear.output_channels; ++i) {
    linear.bias[i] = factor * bias.at(bias.size() == 1 ? 0 : i);
  }
  return true;
}

// Adds `tensor` to the layer's initializers, to take the place of `name`: under that name if there
// is no such tensor yet or only one node reads it, else under a new one. Returns the name.
std::string place_initializer(const Graph& graph, const Tensor& tensor, const std::string& name,
                              NamePool& names, FoldedLayer& folded) {
  std::string placed = name;
  if (!graph.is_constant(name)) {
    placed = names.take(name);
  } else if (graph.only_consumer(name) == nullptr) {
    placed = names.take(name + "_folded");
  }
  folded.initializers.push_back(tensor_to_proto(tensor, placed));
  return placed;
}

std::vector<double> scaled_weights(const LinearNode& linear, const ChannelAffine& affine) {
  std::vector<double> values = to_doubles(linear.weights);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!affine.scale.empty()) values[i] *= affine.scale[linear.output_layout.channel(i)];
    if (!affine.input_scale.empty()) {
      values[i] *= affine.input_scale[linear.input_layout.channel(i)];
    }
  }
  return values;
}

std::vector<double> moved_bias(const LinearNode& linear, const ChannelAffine& affine) {
  std::vector<double> values = linear.bias;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!affine.scale.empty()) values[i] *= affine.scale[i];
    if (!affine.shift.empty()) values[i] += affine.shift[i];
  }
  return values;
}

void attach_bias(onnx::NodeProto& node, const std::string& bias) {
  while (node.input_size() <= kBias) node.add_input("");
  node.set_input(kBias, bias);
  if (node.op_type() == "MatMul") node.set_op_type("Gemm");
  remove_attribute(node, "beta");  // multiplied into the bias
}

std::optional<Tensor> stored_bias(const LinearNode& linear, const ChannelAffine& affine) {
  return from_doubles(linear.weights.dtype(), {static_cast<std::int64_t>(linear.output_channels)},
                      moved_bias(linear, affine));
}

void place_bias(const Graph& graph, const LinearNode& linear, const Tensor& bias, NamePool& names,
                FoldedLayer& folded) {
  const onnx::NodeProto& node = folded.node;
  const std::string& name = node.name().empty() ? node.output(0) : node.name();
  const std::string wanted = linear.has_bias ? node.input(kBias) : name + "_bias";
  attach_bias(folded.node, place_initializer(graph, bias, wanted, names, folded));
}

}  // namespace

bool is_linear_operator(const onnx::NodeProto& node) {
  return is_operator(node, "Conv", 2) || is_operator(node, "ConvTranspose", 2) ||
         is_operator(node, "Gemm", 2) || is_operator(node, "MatMul", 2);
}

std::variant<LinearNode, NotLinear> as_linear_node(const Graph& graph,
                                                   const onnx::NodeProto& node) {
  if (!is_linear_operator(node)) return NotLinear{fmt::format("{} has no weights", describe(node))};
  const std::string_view weights_name = input_or_empty(node, kWeights);
  auto weights = constant_tensor(graph, weights_name);
  if (!weights || traits(weights->dtype()).kind != DTypeKind::kFloat) {
    return NotLinear{fmt::format("the weights '{}' of {} are not constant numbers", weights_name,
                                 describe(node))};
  }
  LinearNode linear;
  linear.node = &node;
  linear.weights = std::move(*weights);
  if (std::string reason = describe_weights(linear); !reason.empty()) return NotLinear{reason};
  linear.bias.assign(linear.output_channels, 0);
  const std::string_view bias_name = input_or_empty(node, kBias);
  linear.has_bias = !bias_name.empty();
  if (!linear.has_bias) return linear;
  const auto bias = constant_tensor(graph, bias_name);
  if (!bias || !read_bias(linear, *bias)) {
    return NotLinear{fmt::format("the bias '{}' of {} is not one constant a channel", bias_name,
                                 describe(node))};
  }
  return linear;
}

std::optional<std::vector<double>> per_output_channel(const LinearNode& linear,
                                                      const Tensor& constant) {
  const std::size_t behind = is_product(*linear.node) ? 0 : linear.weights.shape().size() - 2;
  // The result of a MatMul may have a single dimension.
  const std::size_t max_rank =
      linear.node->op_type() == "MatMul" ? 1 : linear.weights.shape().size();
  const Shape& shape = constant.shape();
  if (shape.size() > max_rank) return std::nullopt;
  if (constant.size() == 1) return std::vector<double>(linear.output_channels, constant.at(0));
  const bool is_channels = shape.size() > behind && constant.size() == linear.output_channels &&
                           at(shape, shape.size() - 1 - behind) == linear.output_channels;
  return is_channels ? std::optional(to_doubles(constant)) : std::nullopt;
}

std::optional<FoldedLayer> fold_affine(const Graph& graph, const LinearNode& linear,
                                       const ChannelAffine& affine, NamePool& names) {
  const auto weights =
      from_doubles(linear.weights.dtype(), linear.weights.shape(), scaled_weights(linear, affine));
  const auto bias = stored_bias(linear, affine);
  if (!weights || !bias) return std::nullopt;
  FoldedLayer folded{*linear.node, {}};
  onnx::NodeProto& node = folded.node;
  node.set_input(kWeights, place_initializer(graph, *weights, node.input(kWeights), names, folded));
  const bool bias_changes = linear.has_bias && !affine.scale.empty();
  if (bias_changes || !affine.shift.empty()) place_bias(graph, linear, *bias, names, folded);
  return folded;
}

std::optional<FoldedLayer> fold_shift(const Graph& graph, const LinearNode& linear,
                                      const std::vector<double>& shift, NamePool& names) {
  const auto bias = stored_bias(linear, {.scale = {}, .shift = shift, .input_scale = {}});
  if (!bias) return std::nullopt;
  FoldedLayer folded{*linear.node, {}};
  place_bias(graph, linear, *bias, names, folded);
  return folded;
}

void replace_layer(const LinearNode& linear, FoldedLayer folded, GraphEdits& edits) {
  for (onnx::TensorProto& tensor : folded.initializers) edits.set_initializer(std::move(tensor));
  edits.replace(*linear.node, {std::move(folded.node)});
}

bool pads_nothing(const onnx::NodeProto& node) {
  const auto pads = ints_attribute(node, "pads");
  const std::string mode = string_attribute(node, "auto_pad", "NOTSET");
  return (mode == "NOTSET" || mode == "VALID") &&
         std::all_of(pads.begin(), pads.end(), [](auto pad) { return pad == 0; });
}

std::vector<double> propagated(const LinearNode& linear, const std::vector<double>& shift) {
  std::vector<double> sums(linear.output_channels);
  const double factor = linear.node->op_type() == "Gemm"
                            ? static_cast<double>(float_attribute(*linear.node, "alpha", 1))
                            : 1.0;
  const std::vector<double> weights = to_doubles(linear.weights);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sums[linear.output_layout.channel(i)] +=
        factor * weights[i] * shift[linear.input_layout.channel(i)];
  }
  return sums;
}

}  // namespace octavo
