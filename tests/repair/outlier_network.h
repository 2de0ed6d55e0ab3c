// A small network with a few channels many times larger than the others, as transformers have them.
#pragma once

#include <string_view>

#include "model/tensor_proto.h"
#include "octavo/model.h"
#include "support/graph_text.h"

namespace octavo::testing {

inline constexpr std::string_view kOutlierNetwork = R"(
  opset 17
  input x: float32[N,6,64]
  const g: float32[64] = random(1, 0.5, 1.5)
  const b: float32[64] = random(2)
  const w1: float32[64,96] = random(3)
  const b1: float32[96] = random(4)
  const w2: float32[96,64] = random(5)
  const w3: float32[64,48] = random(6)
  n = LayerNormalization(x, g, b) "norm"
  u = MatMul(n, w1) "up"
  a = Add(u, b1) "bias"
  r = Relu(a) "relu"
  d = MatMul(r, w2) "down"
  s = MatMul(n, w3) "side"
  o = Concat(d, s) {axis=-1} "both"
  output o: float32[N,6,112]
)";

// Every 16th channel of the normalization is `factor` times as large, what reads it as much
// smaller.
inline Model with_outliers(float factor) {
  Model model = parse_graph(kOutlierNetwork);
  for (onnx::TensorProto& tensor : *model.mutable_proto().mutable_graph()->mutable_initializer()) {
    const bool is_norm = tensor.name() == "g" || tensor.name() == "b";
    if (!is_norm && tensor.name() != "w1" && tensor.name() != "w3") continue;
    Tensor values = tensor_from_proto(tensor);
    const std::size_t row = values.size() / 64;
    const auto elements = values.mutable_as<float>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (i / row % 16 == 0) elements[i] *= is_norm ? factor : 2 / factor;
    }
    tensor = tensor_to_proto(values, tensor.name());
  }
  return model;
}

}  // namespace octavo::testing
