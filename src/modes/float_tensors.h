// Which tensors are float32, and which of a node's take another type with it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "model/graph.h"
#include "prepare/known_types.h"

namespace octavo {

class FloatTensors {
 public:
  explicit FloatTensors(const Graph& graph);

  bool contains(std::string_view tensor) const { return names_.contains(std::string(tensor)); }
  // The tensor whose type cannot be told; empty if all that `node` reads and makes is known.
  std::string unknown(const onnx::NodeProto& node) const;
  // Of a node that computes in half precision: the float32 tensors that are half for it. A Resize's
  // scales, and outputs that ONNX gives a type of their own, are not among them.
  std::vector<int> half_inputs(const onnx::NodeProto& node) const;
  std::vector<int> half_outputs(const onnx::NodeProto& node) const;

 private:
  bool known(const std::string& tensor) const;

  KnownTypes types_;
  std::unordered_set<std::string> names_;
};

}  // namespace octavo
