// A read-only index over a graph: who makes a tensor, who uses it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

// One place where a node reads a tensor.
struct Use {
  const onnx::NodeProto* node = nullptr;
  int input = 0;
};

// Valid as long as the GraphProto is neither changed nor moved: build, decide, drop, then edit.
class Graph {
 public:
  explicit Graph(const onnx::GraphProto& proto);

  const onnx::GraphProto& proto() const { return *proto_; }

  // The node whose output `tensor` is; null for graph inputs, initializers and unknown names.
  const onnx::NodeProto* producer(std::string_view tensor) const;
  // Every read of `tensor` in this graph, in node order. Reads from inside If/Loop/Scan bodies are
  // not uses; used_in_subgraph() tells of them.
  std::span<const Use> uses(std::string_view tensor) const;
  bool used_in_subgraph(std::string_view tensor) const;

  const onnx::TensorProto* initializer(std::string_view tensor) const;
  bool is_initializer(std::string_view tensor) const { return initializer(tensor) != nullptr; }
  // An initializer that no caller can override (it is not a graph input too).
  bool is_constant(std::string_view tensor) const;
  bool is_input(std::string_view tensor) const;
  bool is_output(std::string_view tensor) const;
  const onnx::NodeProto* node(std::string_view name) const;
  // Declared type and shape (graph input, output or value_info); null where nothing is declared.
  const onnx::ValueInfoProto* value_info(std::string_view tensor) const;

  // The only node that reads `tensor`, if nothing else does: one use, no subgraph, no graph output.
  const onnx::NodeProto* only_consumer(std::string_view tensor) const;

 private:
  const onnx::GraphProto* proto_;
  std::unordered_map<std::string_view, const onnx::NodeProto*> producers_;
  std::unordered_map<std::string_view, std::vector<Use>> uses_;
  std::unordered_map<std::string_view, const onnx::TensorProto*> initializers_;
  std::unordered_map<std::string_view, const onnx::ValueInfoProto*> inputs_;
  std::unordered_map<std::string_view, const onnx::ValueInfoProto*> outputs_;
  std::unordered_map<std::string_view, const onnx::ValueInfoProto*> value_infos_;
  std::unordered_map<std::string_view, const onnx::NodeProto*> nodes_;
  std::unordered_map<std::string_view, bool> used_in_subgraph_;
};

// The graphs that a node carries in its attributes (If branches, Loop bodies).
std::vector<const onnx::GraphProto*> subgraphs(const onnx::NodeProto& node);

// Every name that a node reads; what its bodies read among them, from outside or within.
std::vector<std::string_view> names_read(const onnx::NodeProto& node);

// Node `index` of the optional input, or "" where it is absent.
inline std::string_view input_or_empty(const onnx::NodeProto& node, int index) {
  return index < node.input_size() ? std::string_view(node.input(index)) : std::string_view();
}

// The default ONNX domain has two spellings.
inline bool in_default_domain(const onnx::NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

}  // namespace octavo
