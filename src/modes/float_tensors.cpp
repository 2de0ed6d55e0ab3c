#include "modes/float_tensors.h"

namespace octavo {
namespace {

constexpr int kResizeScales = 2;

// What the type of the outputs follows; the types of a Where's branches, not of its condition.
int typed_input(const onnx::NodeProto& node) { return node.op_type() == "Where" ? 1 : 0; }

// Every output, or only the first, is of the type of the input.
bool all_outputs_alike(const onnx::NodeProto& node) { return node.op_type() == "Split"; }

bool stays_float(const onnx::NodeProto& node, int input) {
  return node.op_type() == "Resize" && input == kResizeScales;
}

}  // namespace

FloatTensors::FloatTensors(const Graph& graph) : types_(graph) {
  const auto learn = [&](const std::string& tensor) {
    if (types_.dtype(tensor) == DType::kFloat32) names_.insert(tensor);
  };
  for (const auto& input : graph.proto().input()) learn(input.name());
  for (const auto& tensor : graph.proto().initializer()) learn(tensor.name());
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const bool follows = all_outputs_alike(node) || node.op_type() == "Where";
    const bool is_float = follows && contains(input_or_empty(node, typed_input(node)));
    for (const std::string& output : node.output()) {
      learn(output);
      if (is_float && !output.empty()) names_.insert(output);
    }
  }
}

bool FloatTensors::known(const std::string& tensor) const {
  return tensor.empty() || contains(tensor) || types_.dtype(tensor).has_value();
}

std::string FloatTensors::unknown(const onnx::NodeProto& node) const {
  for (const std::string& input : node.input()) {
    if (!known(input)) return input;
  }
  for (const int output : half_outputs(node)) {
    if (!known(node.output(output))) return node.output(output);
  }
  return {};
}

std::vector<int> FloatTensors::half_inputs(const onnx::NodeProto& node) const {
  std::vector<int> inputs;
  for (int i = 0; i < node.input_size(); ++i) {
    if (contains(node.input(i)) && !stays_float(node, i)) inputs.push_back(i);
  }
  return inputs;
}

std::vector<int> FloatTensors::half_outputs(const onnx::NodeProto& node) const {
  std::vector<int> outputs;
  const int count = all_outputs_alike(node) ? node.output_size() : 1;
  for (int i = 0; i < count; ++i) {
    const std::string& output = node.output(i);
    if (contains(output) || !known(output)) outputs.push_back(i);
  }
  return outputs;
}

}  // namespace octavo
