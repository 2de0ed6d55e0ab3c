#include "model/measured_outputs.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace octavo {
namespace {

// The node that turns numbers of any size into shares of one, if `output` comes from such.
std::string squashing_node(const Graph& graph, const std::string& output) {
  constexpr std::array<std::string_view, 3> kSquashing = {"LogSoftmax", "Sigmoid", "Softmax"};
  const onnx::NodeProto* node = graph.producer(output);
  if (node == nullptr) return "";
  const bool squashes =
      std::find(kSquashing.begin(), kSquashing.end(), node->op_type()) != kSquashing.end();
  return squashes ? node->name() : "";
}

}  // namespace

std::vector<MeasuredOutput> measured_outputs(const Graph& graph) {
  std::vector<MeasuredOutput> outputs;
  for (const auto& output : graph.proto().output()) {
    if (output.has_type() && !output.type().has_tensor_type()) continue;
    outputs.push_back({output.name(), squashing_node(graph, output.name())});
  }
  return outputs;
}

std::vector<std::string> measured_tensors(const Graph& graph,
                                          std::span<const MeasuredOutput> outputs) {
  std::vector<std::string> tensors;
  for (const MeasuredOutput& output : outputs) {
    const onnx::NodeProto* squashing = graph.node(output.squashed_by);
    tensors.push_back(squashing == nullptr ? output.tensor : squashing->input(0));
  }
  return tensors;
}

}  // namespace octavo
