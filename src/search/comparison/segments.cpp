#include "search/comparison/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "model/name_pool.h"

namespace octavo {
namespace {

bool is_quantizer(const onnx::NodeProto& node) {
  return node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear";
}

}  // namespace

PairNames::PairNames(std::span<const TensorPair> pairs) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs_.emplace(pairs[i].tensor, i);
    for (const std::string& name : pairs[i].stand_ins) pairs_.emplace(name, i);
  }
}

std::optional<std::size_t> PairNames::find(std::string_view tensor) const {
  const auto found = pairs_.find(std::string(tensor));
  return found == pairs_.end() ? std::nullopt : std::optional(found->second);
}

Segment segment_of(const Graph& quantized, std::span<const TensorPair> pairs,
                   const PairNames& names, std::size_t pair) {
  Segment segment;
  std::unordered_set<std::string> seen;
  std::vector<std::string> open = {pairs[pair].stand_ins.front()};
  while (!open.empty()) {
    const std::string tensor = std::move(open.back());
    open.pop_back();
    if (tensor.empty() || !seen.insert(tensor).second) continue;
    const std::optional<std::size_t> other = names.find(tensor);
    if (other && *other != pair) {
      if (std::find(segment.inputs.begin(), segment.inputs.end(), *other) == segment.inputs.end()) {
        segment.inputs.push_back(*other);
      }
      continue;
    }
    const onnx::NodeProto* maker = quantized.producer(tensor);
    if (maker == nullptr) continue;
    segment.nodes.push_back(maker);
    // Backwards, so that the first input is looked at first.
    for (int i = maker->input_size() - 1; i >= 0; --i) open.push_back(maker->input(i));
  }
  return segment;
}

Model cut_apart(const Model& quantized, std::span<const TensorPair> pairs,
                std::span<const std::size_t> ranks) {
  const PairNames names(pairs);
  Model cut = quantized;
  onnx::GraphProto& graph = *cut.mutable_proto().mutable_graph();
  NamePool pool(graph);
  std::vector<std::string> fed;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    fed.push_back(pool.take(fmt::format("fed.{}", i)));
    onnx::ValueInfoProto& input = *graph.add_input();
    input.set_name(fed.back());
    onnx::TypeProto::Tensor& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(to_onnx(DType::kFloat32));
    type.mutable_shape();  // of rank 0, unless dimensions follow; all are free
    for (std::size_t axis = 0; axis < ranks[i]; ++axis) type.mutable_shape()->add_dim();
  }
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (int i = 0; i < node.input_size(); ++i) {
      const std::optional<std::size_t> pair = names.find(node.input(i));
      if (!pair) continue;
      // The pair's own quantizers make its stand-ins: they stay in their segment.
      const bool makes_stand_in = is_quantizer(node) && pairs[*pair].tensor == node.input(i) &&
                                  pairs[*pair].dequantize != nullptr;
      if (!makes_stand_in) node.set_input(i, fed[*pair]);
    }
  }
  return cut;
}

}  // namespace octavo
