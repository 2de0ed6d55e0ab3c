// Collects the nodes and initializers of a rewritten graph.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.h"
#include "model/name_pool.h"
#include "octavo/model.h"
#include "octavo/tensor.h"

namespace octavo {

class ModelWriter {
 public:
  explicit ModelWriter(const Model& model);

  const Graph& graph() const { return graph_; }

  // The same content under the same name is stored once: a weight that two nodes read.
  std::string store(const Tensor& tensor, const std::string& wanted_name);
  // A node with new outputs; `outputs` are names as they are.
  onnx::NodeProto& add_node(std::string_view op_type, std::string_view domain,
                            const std::string& wanted_name, const std::vector<std::string>& inputs,
                            const std::vector<std::string>& outputs);
  // The node itself, and nodes that are kept as they are.
  onnx::NodeProto& add_copy(const onnx::NodeProto& node);
  std::string new_name(const std::string& wanted) { return names_.take(wanted); }
  // What a form has made once for all who need it (the codes of an activation), by its key.
  std::map<std::string, std::vector<std::string>>& shared() { return shared_; }

  // With those initializers and declarations of the source that still mean something.
  Model finish() &&;

 private:
  const Model& source_;
  const Graph graph_;
  NamePool names_;
  onnx::GraphProto result_;
  std::map<std::string, std::vector<int>> stored_;  // initializers by the name that was wanted
  std::map<std::string, std::vector<std::string>> shared_;
  bool uses_microsoft_domain_ = false;
};

inline constexpr std::string_view kMicrosoftDomain = "com.microsoft";

}  // namespace octavo
