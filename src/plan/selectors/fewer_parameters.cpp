#include "model/tensor_proto.h"
#include "plan/selector.h"

namespace octavo {
namespace {

std::size_t parameters(const onnx::NodeProto& node, const Graph& graph) {
  std::size_t count = 0;
  for (const std::string& input : node.input()) {
    const onnx::TensorProto* constant = graph.initializer(input);
    if (constant != nullptr) count += element_count(shape_of(*constant));
  }
  return count;
}

NodeList select(const SelectorInput& input) {
  const std::size_t most = counted(input, "fewer-parameters");
  return filtered(input.candidates, [&](const onnx::NodeProto& node) {
    const std::size_t count = parameters(node, input.graph);
    return is_layer(node) && count > 0 && count < most;
  });
}

}  // namespace

const Selector& fewer_parameters_selector() {
  static const Selector kSelector = {
      .word = "fewer-parameters",
      .form = "fewer-parameters=N",
      .help = "layers with fewer than N numbers in their weight and bias",
      .arguments = SelectorArguments::kOne,
      .separator = "",
      .select = select,
  };
  return kSelector;
}

}  // namespace octavo
