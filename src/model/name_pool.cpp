#include "model/name_pool.h"

#include "model/graph.h"

namespace octavo {

NamePool::NamePool(const onnx::GraphProto& graph) { learn(graph); }

void NamePool::learn(const onnx::GraphProto& graph) {
  for (const auto& input : graph.input()) taken_.insert(input.name());
  for (const auto& tensor : graph.initializer()) taken_.insert(tensor.name());
  for (const auto& node : graph.node()) {
    taken_.insert(node.name());
    taken_.insert(node.output().begin(), node.output().end());
    for (const onnx::GraphProto* body : subgraphs(node)) learn(*body);
  }
}

std::string NamePool::take(const std::string& wanted) {
  std::string name = wanted;
  for (int suffix = 1; !taken_.insert(name).second; ++suffix) {
    name = wanted + "_" + std::to_string(suffix);
  }
  return name;
}

}  // namespace octavo
