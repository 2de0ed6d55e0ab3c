#include "train/code_pair.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "model/tensor_proto.h"

namespace octavo {
namespace {

CodeRange codes_of(const Graph& graph, const onnx::NodeProto& quantize) {
  const onnx::TensorProto* zero_point = graph.initializer(input_or_empty(quantize, 2));
  return code_range(
      {zero_point == nullptr ? DType::kUint8 : dtype_from_onnx(zero_point->data_type())});
}

// One number for a whole tensor, written once or, where a guard (FloatGuard) reads it, once a
// channel.
bool is_repeated(const Graph& graph, const std::string& number, const std::string& repeated) {
  if (number == repeated) return true;
  if (!graph.is_initializer(number) || !graph.is_initializer(repeated)) return false;
  const Tensor one = tensor_from_proto(*graph.initializer(number));
  const Tensor all = tensor_from_proto(*graph.initializer(repeated));
  if (one.size() != 1 || one.dtype() != all.dtype()) return false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all.at(i) != one.at(0)) return false;
  }
  return true;
}

bool has_same_numbers(const Graph& graph, const onnx::NodeProto& quantize,
                      const onnx::NodeProto& dequantize) {
  const auto zero_point = [](const onnx::NodeProto& node) {
    return std::string(input_or_empty(node, 2));
  };
  return is_repeated(graph, quantize.input(1), dequantize.input(1)) &&
         is_repeated(graph, zero_point(quantize), zero_point(dequantize));
}

}  // namespace

std::optional<CodePair> code_pair_of(const Graph& graph, const onnx::NodeProto& dequantize) {
  const onnx::NodeProto* clip = nullptr;
  const onnx::NodeProto* before = graph.producer(dequantize.input(0));
  if (before != nullptr && before->op_type() == "Clip") {
    clip = before;
    before = graph.producer(clip->input(0));
  }
  if (before == nullptr || before->op_type() != "QuantizeLinear") return std::nullopt;
  if (!has_same_numbers(graph, *before, dequantize)) return std::nullopt;
  CodePair pair{before, codes_of(graph, *before)};
  const auto bound = [&](int input, std::int32_t absent) {
    const std::string_view name = clip == nullptr ? "" : input_or_empty(*clip, input);
    const onnx::TensorProto* value = graph.initializer(name);
    return value == nullptr ? absent : static_cast<std::int32_t>(tensor_from_proto(*value).at(0));
  };
  pair.codes = {std::max(pair.codes.min, bound(1, pair.codes.min)),
                std::min(pair.codes.max, bound(2, pair.codes.max))};
  return pair;
}

}  // namespace octavo
