#include "repair/flip_clips.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "model/tensor_proto.h"
#include "placement/node_rules.h"

namespace octavo {
namespace {

std::string add_constant(const std::string& wanted, const Shape& shape,
                         const std::vector<double>& values, NamePool& names, GraphEdits& edits) {
  Tensor tensor(DType::kFloat32, shape);
  std::transform(values.begin(), values.end(), tensor.mutable_as<float>().begin(),
                 [](double value) { return static_cast<float>(value); });
  std::string name = names.take(wanted);
  edits.set_initializer(tensor_to_proto(tensor, name));
  return name;
}

onnx::NodeProto make_node(const char* type, const std::string& name,
                          const std::vector<std::string>& inputs, const std::string& output) {
  onnx::NodeProto node;
  node.set_op_type(type);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

void set_group(onnx::NodeProto& node, std::size_t group) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("group");
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(static_cast<std::int64_t>(group));
}

std::optional<ClipFlip> find_flip(const Graph& graph, const ChannelClasses& channels,
                                  const onnx::NodeProto& clip) {
  const onnx::NodeProto* writer = graph.producer(clip.input(0));
  if (writer == nullptr || writer->op_type() != "Conv" || clip.input_size() != 3 ||
      graph.only_consumer(clip.input(0)) != &clip) {
    return std::nullopt;
  }
  const auto found = std::find_if(channels.layers.begin(), channels.layers.end(),
                                  [&](const LinearNode& layer) { return layer.node == writer; });
  if (found == channels.layers.end()) return std::nullopt;
  return ClipFlip{&clip, static_cast<std::size_t>(found - channels.layers.begin()),
                  clip_bounds(clip, graph).max};
}

}  // namespace

std::vector<std::optional<ClipFlip>> clip_flips(const Graph& graph,
                                                const ChannelClasses& channels) {
  std::vector<std::optional<ClipFlip>> flips;
  for (const onnx::NodeProto* clip : channels.clips) {
    flips.push_back(find_flip(graph, channels, *clip));
  }
  return flips;
}

void flip_clip(const ClipFlip& flip, ChannelAffine& writer, NamePool& names, GraphEdits& edits) {
  const onnx::NodeProto& clip = *flip.clip;
  std::vector<double> bounds;
  for (const double scale : writer.scale) bounds.push_back(flip.bound * scale);
  writer.shift = bounds;
  for (double& scale : writer.scale) scale = -scale;

  const std::size_t count = bounds.size();
  const std::string& output = clip.output(0);
  const std::string most = add_constant(
      output + "_bound", {}, {*std::max_element(bounds.begin(), bounds.end())}, names, edits);
  const std::string minus_one =
      add_constant(output + "_minus_one", {static_cast<std::int64_t>(count), 1, 1, 1},
                   std::vector<double>(count, -1), names, edits);
  const std::string each =
      add_constant(output + "_bounds", {static_cast<std::int64_t>(count)}, bounds, names, edits);
  const std::string below = names.take(output + "_below_bound");
  const std::string again = names.take(output + "_bounded");
  onnx::NodeProto difference =
      make_node("Conv", names.take(clip.name() + "_flip"), {below, minus_one, each}, again);
  set_group(difference, count);
  edits.replace(clip, {make_node("Clip", clip.name(), {clip.input(0), clip.input(1), most}, below),
                       std::move(difference),
                       make_node("Relu", names.take(clip.name() + "_relu"), {again}, output)});
}

}  // namespace octavo
