#include "model/graph.h"

namespace octavo {
namespace {

template <typename Map>
auto find_or_null(const Map& map, std::string_view key) -> typename Map::mapped_type {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

// Marks every name that the bodies below `node` read, whether of their own or of an outer graph:
// too many rather than too few.
void mark_subgraph_reads(const onnx::NodeProto& node,
                         std::unordered_map<std::string_view, bool>& used) {
  for (const onnx::GraphProto* body : subgraphs(node)) {
    for (const onnx::NodeProto& inner : body->node()) {
      for (const std::string& input : inner.input()) used.emplace(input, true);
      mark_subgraph_reads(inner, used);
    }
    for (const onnx::ValueInfoProto& output : body->output()) used.emplace(output.name(), true);
  }
}

}  // namespace

std::vector<const onnx::GraphProto*> subgraphs(const onnx::NodeProto& node) {
  std::vector<const onnx::GraphProto*> found;
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.has_g()) found.push_back(&attribute.g());
    for (const onnx::GraphProto& graph : attribute.graphs()) found.push_back(&graph);
  }
  return found;
}

Graph::Graph(const onnx::GraphProto& proto) : proto_(&proto) {
  for (const auto& tensor : proto.initializer()) initializers_.emplace(tensor.name(), &tensor);
  for (const auto& info : proto.input()) inputs_.emplace(info.name(), &info);
  for (const auto& info : proto.output()) outputs_.emplace(info.name(), &info);
  for (const auto& info : proto.value_info()) value_infos_.emplace(info.name(), &info);
  for (const onnx::NodeProto& node : proto.node()) {
    if (!node.name().empty()) nodes_.emplace(node.name(), &node);
    for (const std::string& output : node.output()) {
      if (!output.empty()) producers_.emplace(output, &node);
    }
    for (int i = 0; i < node.input_size(); ++i) {
      if (!node.input(i).empty()) uses_[node.input(i)].push_back({&node, i});
    }
    mark_subgraph_reads(node, used_in_subgraph_);
  }
}

const onnx::NodeProto* Graph::producer(std::string_view tensor) const {
  return find_or_null(producers_, tensor);
}

std::span<const Use> Graph::uses(std::string_view tensor) const {
  const auto found = uses_.find(tensor);
  return found == uses_.end() ? std::span<const Use>() : found->second;
}

bool Graph::used_in_subgraph(std::string_view tensor) const {
  return used_in_subgraph_.contains(tensor);
}

const onnx::TensorProto* Graph::initializer(std::string_view tensor) const {
  return find_or_null(initializers_, tensor);
}

bool Graph::is_constant(std::string_view tensor) const {
  return is_initializer(tensor) && !is_input(tensor);
}

bool Graph::is_input(std::string_view tensor) const { return inputs_.contains(tensor); }
bool Graph::is_output(std::string_view tensor) const { return outputs_.contains(tensor); }

const onnx::NodeProto* Graph::node(std::string_view name) const {
  return find_or_null(nodes_, name);
}

const onnx::ValueInfoProto* Graph::value_info(std::string_view tensor) const {
  for (const auto* infos : {&value_infos_, &inputs_, &outputs_}) {
    if (const auto* info = find_or_null(*infos, tensor)) return info;
  }
  return nullptr;
}

const onnx::NodeProto* Graph::only_consumer(std::string_view tensor) const {
  const auto readers = uses(tensor);
  if (readers.size() != 1 || is_output(tensor) || used_in_subgraph(tensor)) return nullptr;
  return readers.front().node;
}

std::vector<std::string_view> names_read(const onnx::NodeProto& node) {
  std::vector<std::string_view> names;
  for (const std::string& input : node.input()) {
    if (!input.empty()) names.push_back(input);
  }
  for (const onnx::GraphProto* body : subgraphs(node)) {
    for (const onnx::NodeProto& inner : body->node()) {
      const std::vector<std::string_view> read = names_read(inner);
      names.insert(names.end(), read.begin(), read.end());
    }
    for (const auto& output : body->output()) names.push_back(output.name());
  }
  return names;
}

}  // namespace octavo
