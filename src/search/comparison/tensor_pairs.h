// Which tensor of a quantized model stands for which of the float model.
//
//   float       x -> Conv -> c -> Relu -> r -> MaxPool -> ...
//   quantized   x -> Q -> DQ -> x' -> Conv -> c -> Relu -> r -> Q -> DQ -> r' -> MaxPool -> ...
//   pairs       x: x'         r: r'          (c stays float and only r is made of it: no layer;
//                                             nor is MaxPool, if its result has the same scale)
#pragma once

#include <string>
#include <vector>

#include "model/graph.h"

namespace octavo {

struct TensorPair {
  std::string tensor;  // the float model's name
  // What the quantized model's nodes read in its place: dequantized codes, all copies of them, or
  // the tensor itself. The first is the one to look at.
  std::vector<std::string> stand_ins;
  const onnx::NodeProto* dequantize = nullptr;  // makes the first; null: it stays float
};

struct TensorPairs {
  std::vector<TensorPair> pairs;       // in the float graph's order
  std::vector<std::string> unmatched;  // tensors of the float graph that the other lacks
};

// By name: the tensor's own, or that with a suffix which Octavo and ONNX Runtime's quantizer give
// to dequantized tensors.
TensorPairs pair_tensors(const Graph& float_graph, const Graph& quantized);

}  // namespace octavo
