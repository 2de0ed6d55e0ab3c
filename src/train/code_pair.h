// Q/DQ pairs, which fake quantization stands for in training.
//
//   x -> QuantizeLinear [-> Clip] -> DequantizeLinear -> y
#pragma once

#include <optional>

#include "model/graph.h"
#include "octavo/quantization.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {

struct CodePair {
  const onnx::NodeProto* quantize = nullptr;
  CodeRange codes;  // of the type, or fewer where a Clip lies between
};

// Nothing unless `dequantize` reads what a QuantizeLinear with the same numbers made.
std::optional<CodePair> code_pair_of(const Graph& graph, const onnx::NodeProto& dequantize);

}  // namespace octavo
