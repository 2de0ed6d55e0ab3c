#include "train/scores.h"

#include <algorithm>
#include <array>

#include "model/graph.h"

namespace octavo {
namespace {

constexpr std::array<std::string_view, 5> kMakesNoScores = {"QuantizeLinear", "DequantizeLinear",
                                                            "Reshape", "Squeeze", "Flatten"};

bool is_last_activation(const onnx::NodeProto& node) {
  return node.op_type() == "Softmax" || node.op_type() == "Sigmoid";
}

}  // namespace

std::string scores_tensor(const Model& model) {
  const Graph graph(model.proto().graph());
  std::string output = graph.proto().output(0).name();
  const onnx::NodeProto* node = graph.producer(output);
  while (node != nullptr) {
    if (is_last_activation(*node)) return node->input(0);
    const auto* found =
        std::find(kMakesNoScores.begin(), kMakesNoScores.end(), std::string_view(node->op_type()));
    if (found == kMakesNoScores.end()) break;
    node = graph.producer(node->input(0));
  }
  return output;
}

at::Tensor as_scores(const at::Tensor& scores) {
  at::Tensor result = scores;
  while (result.dim() > 2 && result.size(-1) == 1) result = result.squeeze(-1);
  if (result.dim() < 2) return result.reshape({result.numel(), 1});
  return result.reshape({-1, result.size(-1)});
}

}  // namespace octavo
