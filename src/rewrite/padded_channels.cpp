#include "rewrite/padded_channels.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/channel_layout.h"
#include "model/attributes.h"
#include "model/check.h"
#include "model/graph.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"

namespace octavo {
namespace {

constexpr int kInputChannelAxis = 1;

// A convolution of codes by codes.
struct IntegerConv {
  std::string conv;
  std::string activation;  // its DequantizeLinear
  std::string weight;      // the codes' initializer
  std::string weight_zero_point;
};

const onnx::NodeProto* dequantizer_of(const Graph& graph, const onnx::NodeProto& node, int input) {
  const onnx::NodeProto* producer = graph.producer(input_or_empty(node, input));
  const bool is_one = producer != nullptr && producer->op_type() == "DequantizeLinear" &&
                      in_default_domain(*producer);
  return is_one ? producer : nullptr;
}

bool is_byte(const onnx::TensorProto& tensor) {
  return tensor.data_type() == onnx::TensorProto::INT8 ||
         tensor.data_type() == onnx::TensorProto::UINT8;
}

// None: it has channels enough, or is none that can be padded.
std::optional<IntegerConv> integer_conv(const Graph& graph, const onnx::NodeProto& node,
                                        int least_channels) {
  if (node.op_type() != "Conv" || !in_default_domain(node) ||
      int_attribute(node, "group", 1) != 1) {
    return std::nullopt;
  }
  const onnx::NodeProto* activation = dequantizer_of(graph, node, 0);
  const onnx::NodeProto* weight = dequantizer_of(graph, node, 1);
  // Scales by channel would need one more each.
  if (activation == nullptr || weight == nullptr || activation->input_size() < 3 ||
      graph.initializer(activation->input(1)) == nullptr ||
      !shape_of(*graph.initializer(activation->input(1))).empty() ||
      graph.only_consumer(weight->input(0)) == nullptr ||
      graph.only_consumer(weight->output(0)) == nullptr) {
    return std::nullopt;
  }
  const onnx::TensorProto* codes = graph.initializer(weight->input(0));
  if (codes == nullptr || !is_byte(*codes) || int_attribute(*weight, "axis", 1) != 0 ||
      shape_of(*codes).size() < 3 || shape_of(*codes)[kInputChannelAxis] >= least_channels) {
    return std::nullopt;
  }
  return IntegerConv{node.name(), activation->name(), weight->input(0),
                     std::string(input_or_empty(*weight, 2))};
}

// `zero_points`: one, or one a filter.
Tensor with_zero_channels(const Tensor& weight, const std::optional<Tensor>& zero_points,
                          std::int64_t channels) {
  const ChannelLayout before = channel_layout(weight.shape(), kInputChannelAxis, 0);
  Shape shape = weight.shape();
  shape[kInputChannelAxis] = channels;
  Tensor result(weight.dtype(), shape);
  const std::size_t kept = before.channels * before.inner;
  const std::size_t padded = static_cast<std::size_t>(channels) * before.inner;
  const std::span<std::byte> to = result.mutable_bytes();
  for (std::size_t filter = 0; filter < before.outer; ++filter) {
    const std::byte zero =
        zero_points ? zero_points->bytes()[filter % zero_points->size()] : std::byte{0};
    const auto own = to.subspan(filter * padded, padded);
    const auto from = weight.bytes().subspan(filter * kept, kept);
    std::ranges::copy(from, own.begin());
    std::ranges::fill(own.subspan(kept), zero);
  }
  return result;
}

class ChannelPadder {
 public:
  ChannelPadder(onnx::GraphProto& graph, int channels)
      : graph_(graph), names_(graph), channels_(channels) {}

  void pad(const IntegerConv& found) {
    const std::int64_t added = pad_weight(found);
    onnx::NodeProto dequantize = *Graph(graph_).node(found.activation);
    onnx::NodeProto pad;
    pad.set_op_type("Pad");
    pad.set_name(names_.take(found.conv + "_pad_channels"));
    pad.add_input(dequantize.input(0));
    pad.add_input(pads(found, added));
    pad.add_input(dequantize.input(2));
    pad.add_output(names_.take(dequantize.input(0) + "_padded"));
    dequantize.set_name(names_.take(pad.output(0) + "_dequantize"));
    dequantize.set_input(0, pad.output(0));
    dequantize.set_output(0, names_.take(pad.output(0) + "_dequantized"));
    insert_before(found.conv, {std::move(pad), std::move(dequantize)});
    drop_unread(found.activation);
  }

 private:
  // How many channels it got.
  std::int64_t pad_weight(const IntegerConv& found) {
    const Graph graph(graph_);
    const Tensor weight = tensor_from_proto(*graph.initializer(found.weight));
    std::optional<Tensor> zero_points;
    if (!found.weight_zero_point.empty()) {
      zero_points = tensor_from_proto(*graph.initializer(found.weight_zero_point));
    }
    const onnx::TensorProto padded =
        tensor_to_proto(with_zero_channels(weight, zero_points, channels_), found.weight);
    forget_shape(graph.only_consumer(found.weight)->output(0));
    for (onnx::TensorProto& initializer : *graph_.mutable_initializer()) {
      if (initializer.name() == found.weight) initializer = padded;
    }
    return channels_ - weight.shape()[kInputChannelAxis];
  }

  std::string pads(const IntegerConv& found, std::int64_t added) {
    const std::size_t rank = shape_of(*Graph(graph_).initializer(found.weight)).size();
    std::vector<std::int64_t> values(2 * rank, 0);
    values[rank + kInputChannelAxis] = added;
    const std::string name = names_.take(found.conv + "_channel_pads");
    *graph_.add_initializer() = tensor_to_proto(
        Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values), name);
    return name;
  }

  // Whose first input is then the last one's output.
  void insert_before(const std::string& conv, std::vector<onnx::NodeProto> inserted) {
    google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
    for (onnx::NodeProto& node : *graph_.mutable_node()) {
      if (node.name() == conv) {
        node.set_input(0, inserted.back().output(0));
        for (onnx::NodeProto& one : inserted) *nodes.Add() = std::move(one);
      }
      *nodes.Add() = std::move(node);
    }
    graph_.mutable_node()->Swap(&nodes);
  }

  void drop_unread(const std::string& name) {
    const Graph graph(graph_);
    const std::string output = graph.node(name)->output(0);
    const bool is_read =
        !graph.uses(output).empty() || graph.is_output(output) || graph.used_in_subgraph(output);
    if (is_read) return;
    auto& nodes = *graph_.mutable_node();
    nodes.erase(std::remove_if(nodes.begin(), nodes.end(),
                               [&](const onnx::NodeProto& node) { return node.name() == name; }),
                nodes.end());
    forget_shape(output);
  }

  void forget_shape(const std::string& tensor) {
    auto& infos = *graph_.mutable_value_info();
    infos.erase(std::remove_if(infos.begin(), infos.end(),
                               [&](const auto& info) { return info.name() == tensor; }),
                infos.end());
  }

  onnx::GraphProto& graph_;
  NamePool names_;
  int channels_;
};

}  // namespace

Model with_padded_channels(Model model, int least_channels) {
  onnx::GraphProto& proto = *model.mutable_proto().mutable_graph();
  std::vector<IntegerConv> found;
  {
    const Graph graph(proto);
    for (const onnx::NodeProto& node : proto.node()) {
      auto conv = integer_conv(graph, node, least_channels);
      if (conv) found.push_back(std::move(*conv));
    }
  }
  if (found.empty()) return model;
  ChannelPadder padder(proto, least_channels);
  for (const IntegerConv& conv : found) padder.pad(conv);
  check_model(model, "padded channels");
  return model;
}

}  // namespace octavo
