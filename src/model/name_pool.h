// New names that nothing in a graph has yet.
#pragma once

#include <string>
#include <unordered_set>

#include "onnx/onnx-ml.pb.h"

namespace octavo {

class NamePool {
 public:
  // Knows every tensor and node of `graph` and of the bodies within it.
  explicit NamePool(const onnx::GraphProto& graph);

  // `wanted`, or `wanted_1`, `wanted_2`, ...: the first that is free, taken from now on.
  std::string take(const std::string& wanted);

 private:
  void learn(const onnx::GraphProto& graph);

  std::unordered_set<std::string> taken_;
};

}  // namespace octavo
