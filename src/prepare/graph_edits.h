// A set of changes to a graph, decided on one state of it and carried out at once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "octavo/model.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

class GraphEdits {
 public:
  bool empty() const;

  // Puts `by` in the place of `node`; nothing removes it. One replacement a node.
  void replace(const onnx::NodeProto& node, std::vector<onnx::NodeProto> by);
  void remove(const onnx::NodeProto& node) { replace(node, {}); }
  // Is `node` replaced or removed already? Then it is no part of another match.
  bool touches(const onnx::NodeProto& node) const { return replacements_.contains(&node); }

  // Adds an initializer, or replaces the one of that name.
  void set_initializer(onnx::TensorProto tensor);
  void remove_initializer(const std::string& name) { removed_initializers_.insert(name); }
  // The initializer of that name remains, but callers cannot override it any more.
  void remove_input(const std::string& name) { removed_inputs_.insert(name); }
  // Whoever reads `from` reads `to`. Bodies are not searched: `from` must not be read there.
  void redirect(const std::string& from, const std::string& to) { redirections_[from] = to; }
  void set_opset(int version) { opset_ = version; }

  // Carries the changes out on the graph that they were decided on, keeps its order, drops declared
  // shapes of tensors that no longer exist, and raises the IR version where the changes need it.
  void apply(Model& model) &&;

 private:
  void apply_nodes(onnx::GraphProto& graph);
  void apply_initializers(onnx::GraphProto& graph);
  void apply_opset(onnx::ModelProto& proto) const;
  // Follows redirections to their end.
  const std::string& target(const std::string& name) const;

  std::unordered_map<const onnx::NodeProto*, std::vector<onnx::NodeProto>> replacements_;
  std::map<std::string, onnx::TensorProto> initializers_;
  std::set<std::string> removed_initializers_;
  std::set<std::string> removed_inputs_;
  std::map<std::string, std::string> redirections_;
  std::optional<int> opset_;
};

}  // namespace octavo
