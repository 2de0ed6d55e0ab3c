// The parameters that a Q/DQ file's own nodes hold.
#pragma once

#include <optional>
#include <string_view>

#include "model/graph.h"
#include "octavo/quantization.h"

namespace octavo {

// Of a QuantizeLinear or DequantizeLinear with constant scale and zero point. Nothing where they
// are computed, or where scales come in blocks.
std::optional<QuantParams> linear_params(const Graph& graph, const onnx::NodeProto& node);

// What a Q/DQ pair or a DequantizeLinear of stored codes makes of a constant, in float32, with its
// codes. Nothing if `tensor` is not made so.
struct StoredConstant {
  Tensor values;
  Tensor codes;
  QuantParams params;
};
std::optional<StoredConstant> stored_constant(const Graph& graph, std::string_view tensor);

}  // namespace octavo
