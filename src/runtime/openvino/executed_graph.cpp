#include "runtime/openvino/executed_graph.h"

#include <fmt/format.h>

#include <string>

namespace octavo {
namespace {

// The plugin's own keys: OpenVINO has no public names for them.
constexpr const char* kLayerType = "layerType";
constexpr const char* kPrecision = "runtimePrecision";

std::string note(const ov::Node& node, const char* key) {
  const auto& notes = node.get_rt_info();
  const auto found = notes.find(key);
  return found == notes.end() ? std::string() : found->second.as<std::string>();
}

std::string tensor_name(const ov::Output<const ov::Node>& port) {
  const ov::Node& node = *port.get_node();
  if (node.get_output_size() == 1) return node.get_friendly_name();
  return fmt::format("{}:{}", node.get_friendly_name(), port.get_index());
}

bool computes(const std::string& layer_type) {
  return layer_type != "Input" && layer_type != "Output" && layer_type != "Const";
}

}  // namespace

std::vector<ExecutedNode> openvino_executed_graph(const ov::CompiledModel& compiled) {
  std::vector<ExecutedNode> nodes;
  for (const std::shared_ptr<const ov::Node> node :
       compiled.get_runtime_model()->get_ordered_ops()) {
    ExecutedNode executed;
    executed.op_type = note(*node, kLayerType);
    if (!computes(executed.op_type)) continue;
    executed.name = node->get_friendly_name();
    executed.precision = note(*node, kPrecision);
    for (const auto& input : node->inputs()) {
      executed.inputs.push_back(tensor_name(input.get_source_output()));
    }
    for (const auto& output : node->outputs()) executed.outputs.push_back(tensor_name(output));
    nodes.push_back(std::move(executed));
  }
  return nodes;
}

}  // namespace octavo
