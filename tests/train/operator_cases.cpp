#include "train/operator_cases.h"

#include <random>
#include <vector>

#include "onnx/onnx-ml.pb.h"
#include "support/graph_text.h"

namespace octavo::testing {
std::span<const OperatorCase> operator_cases() {
  static const std::vector<OperatorCase> kAll = [] {
    std::vector<OperatorCase> all;
    for (const auto& cases : {computing_cases(), moving_cases()}) {
      all.insert(all.end(), cases.begin(), cases.end());
    }
    return all;
  }();
  return kAll;
}

Model model_of(const OperatorCase& tested) {
  return parse_graph("opset " + std::to_string(tested.opset) + "\n" + tested.text +
                     "\noutput y: float32");
}

std::string name_of(const OperatorCase& tested, std::size_t index) {
  const Model model = model_of(tested);
  const auto& nodes = model.proto().graph().node();
  return nodes[nodes.size() - 1].op_type() + std::to_string(index);
}

Tensor noise(const Shape& shape, std::uint32_t seed) {
  Tensor tensor(DType::kFloat32, shape);
  std::mt19937 engine(seed);
  for (float& value : tensor.mutable_as<float>()) {
    value = static_cast<float>(engine() % 4001) / 1000.0F - 2.0F;
  }
  return tensor;
}

}  // namespace octavo::testing
