#include "search/comparison/unasked_layers.h"

#include <string_view>

#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

// The runtime takes one that a caller could override too.
bool is_float_initializer(const Graph& graph, std::string_view tensor) {
  const onnx::TensorProto* constant = graph.initializer(tensor);
  return constant != nullptr && constant->data_type() == onnx::TensorProto_DataType_FLOAT;
}

bool comes_with_one_scale(const Graph& graph, std::string_view tensor) {
  const onnx::NodeProto* producer = graph.producer(tensor);
  if (producer == nullptr || producer->op_type() != "DequantizeLinear") return false;
  const onnx::TensorProto* scale = graph.initializer(producer->input(1));
  return scale != nullptr &&
         (scale->dims_size() == 0 || (scale->dims_size() == 1 && scale->dims(0) == 1));
}

bool goes_to_codes_alone(const Graph& graph, std::string_view tensor) {
  while (true) {
    const auto uses = graph.uses(tensor);
    if (uses.size() != 1 || graph.is_output(tensor)) return false;
    const onnx::NodeProto& reader = *uses.front().node;
    if (reader.op_type() == "QuantizeLinear") return true;
    if (reader.op_type() != "Relu" && reader.op_type() != "Clip") return false;
    tensor = reader.output(0);
  }
}

bool is_unasked(const Graph& graph, const onnx::NodeProto& node) {
  const std::string_view bias = input_or_empty(node, 2);
  return comes_with_one_scale(graph, node.input(0)) && is_float_initializer(graph, node.input(1)) &&
         (bias.empty() || graph.is_initializer(bias)) && goes_to_codes_alone(graph, node.output(0));
}

}  // namespace

std::vector<std::string> unasked_layers(const Graph& quantized, const Profile& profile) {
  std::vector<std::string> found;
  for (const onnx::NodeProto& node : quantized.proto().node()) {
    const bool is_candidate = profile.quantizes_unasked(node.op_type());
    if (is_candidate && is_unasked(quantized, node)) found.push_back(node.name());
  }
  return found;
}

}  // namespace octavo
