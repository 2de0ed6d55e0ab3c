#include "repair/rename_tensors.h"

#include <unordered_map>

#include "model/name_pool.h"

namespace octavo {

void rename_tensors(onnx::GraphProto& graph, const std::vector<std::string>& tensors,
                    std::string_view suffix) {
  NamePool names(graph);
  std::unordered_map<std::string, std::string> renamed;
  for (const std::string& tensor : tensors)
    renamed[tensor] = names.take(tensor + std::string(suffix));
  const auto apply = [&](std::string& name) {
    const auto found = renamed.find(name);
    if (found != renamed.end()) name = found->second;
  };
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (std::string& input : *node.mutable_input()) apply(input);
    for (std::string& output : *node.mutable_output()) apply(output);
  }
  for (onnx::ValueInfoProto& info : *graph.mutable_value_info()) apply(*info.mutable_name());
}

}  // namespace octavo
