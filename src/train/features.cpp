#include "train/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "model/graph.h"
#include "octavo/error.h"

namespace octavo {
namespace {

bool is_residual_add(const Graph& graph, const onnx::NodeProto& node) {
  return node.op_type() == "Add" &&
         std::none_of(node.input().begin(), node.input().end(),
                      [&](const std::string& input) { return graph.is_constant(input); });
}

std::vector<std::string> residual_sums(const Graph& graph) {
  std::vector<std::string> tensors;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (is_residual_add(graph, node)) tensors.push_back(node.output(0));
  }
  if (tensors.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "loss 'features': the model has no residual Add; name tensors to compare with "
                "--features");
  }
  return tensors;
}

std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = names.find(',');
    parts.emplace_back(names.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    names.remove_prefix(comma + 1);
  }
}

std::string quantized_name(const Graph& float_graph, const Graph& quantized,
                           const std::string& tensor) {
  const onnx::NodeProto* maker = float_graph.producer(tensor);
  const onnx::NodeProto* same = maker == nullptr ? nullptr : quantized.node(maker->name());
  if (same == nullptr) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("loss 'features': no node of both the float and the quantized model "
                            "makes tensor '{}'",
                            tensor));
  }
  const auto& outputs = maker->output();
  const auto place = std::find(outputs.begin(), outputs.end(), tensor) - outputs.begin();
  return same->output(static_cast<int>(place));
}

}  // namespace

std::vector<Feature> find_features(const Model& float_model, const Model& quantized,
                                   const std::string& names) {
  const Graph float_graph(float_model.proto().graph());
  const Graph quantized_graph(quantized.proto().graph());
  std::vector<Feature> features;
  for (const std::string& tensor : names.empty() ? residual_sums(float_graph) : split(names)) {
    features.push_back({tensor, quantized_name(float_graph, quantized_graph, tensor)});
  }
  return features;
}

}  // namespace octavo
