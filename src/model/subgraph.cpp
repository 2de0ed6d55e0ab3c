#include "model/subgraph.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "model/graph.h"
#include "octavo/error.h"

namespace octavo {
namespace {

class Extractor {
 public:
  Extractor(const Graph& graph, std::span<const TensorInfo> inputs) : graph_(graph) {
    for (const TensorInfo& input : inputs) known_.insert(input.name);
  }

  void require(std::string_view tensor) {
    std::vector<std::string_view> open = {tensor};
    while (!open.empty()) {
      const std::string_view name = open.back();
      open.pop_back();
      if (!known_.insert(name).second) continue;
      if (const onnx::NodeProto* producer = graph_.producer(name)) {
        if (!nodes_.insert(producer).second) continue;
        const std::vector<std::string_view> names = names_read(*producer);
        open.insert(open.end(), names.begin(), names.end());
      } else if (const onnx::TensorProto* constant = graph_.initializer(name)) {
        constants_.insert(constant);
      } else if (graph_.is_input(name) || name == tensor) {
        throw Error(ErrorCode::kNotFound,
                    fmt::format("a part of the model needs '{}', which no node in it makes", name));
      }
    }
  }

  bool has(const onnx::NodeProto& node) const { return nodes_.contains(&node); }
  bool has(const onnx::TensorProto& constant) const { return constants_.contains(&constant); }

 private:
  const Graph& graph_;
  std::unordered_set<std::string_view> known_;
  std::unordered_set<const onnx::NodeProto*> nodes_;
  std::unordered_set<const onnx::TensorProto*> constants_;
};

void declare(onnx::ValueInfoProto& info, const TensorInfo& input) {
  info.set_name(input.name);
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(to_onnx(input.dtype));
  onnx::TensorShapeProto& shape = *type.mutable_shape();
  for (const std::int64_t length : input.shape) {
    onnx::TensorShapeProto::Dimension& dimension = *shape.add_dim();
    if (length >= 0) dimension.set_dim_value(length);
  }
}

}  // namespace

Model subgraph(const Model& model, std::span<const TensorInfo> inputs,
               std::span<const std::string> outputs) {
  const onnx::GraphProto& source = model.proto().graph();
  const Graph graph(source);
  Extractor extractor(graph, inputs);
  for (const std::string& output : outputs) extractor.require(output);
  onnx::ModelProto proto;
  proto.set_ir_version(model.proto().ir_version());
  proto.set_producer_name(model.proto().producer_name());
  *proto.mutable_opset_import() = model.proto().opset_import();
  *proto.mutable_functions() = model.proto().functions();
  onnx::GraphProto& result = *proto.mutable_graph();
  result.set_name(source.name());
  for (const onnx::NodeProto& node : source.node()) {
    if (extractor.has(node)) *result.add_node() = node;
  }
  for (const onnx::TensorProto& constant : source.initializer()) {
    if (extractor.has(constant)) *result.add_initializer() = constant;
  }
  for (const TensorInfo& input : inputs) declare(*result.add_input(), input);
  // No type: the runtime infers it.
  for (const std::string& output : outputs) result.add_output()->set_name(output);
  return Model(std::move(proto));
}

}  // namespace octavo
