// From the names that runtimes give to the nodes that they really execute back to the model's.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

class SourceNames {
 public:
  explicit SourceNames(const onnx::GraphProto& graph);

  // The node of the graph that `executed` stands for; of a fused group, the one whose output the
  // group makes where the name says so. Empty: a node of the runtime's own (a reordering).
  std::string find(std::string_view executed) const;

 private:
  // Node names, and tensors with the name of the node that makes them.
  std::unordered_map<std::string, std::string> nodes_;
};

}  // namespace octavo
