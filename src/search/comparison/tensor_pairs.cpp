#include "search/comparison/tensor_pairs.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "search/comparison/linear_params.h"

namespace octavo {
namespace {

constexpr std::array<std::string_view, 2> kDequantizedSuffixes = {"_dequantized",
                                                                  "_DequantizeLinear_Output"};

bool is_a(const onnx::NodeProto* node, std::string_view op_type) {
  return node != nullptr && node->op_type() == op_type;
}

bool exists(const Graph& graph, std::string_view tensor) {
  return graph.producer(tensor) != nullptr || graph.is_input(tensor);
}

// Every DequantizeLinear behind a QuantizeLinear of `tensor`.
std::vector<const onnx::NodeProto*> dequantizers_of(const Graph& graph, std::string_view tensor) {
  std::vector<const onnx::NodeProto*> found;
  for (const Use& use : graph.uses(tensor)) {
    if (!is_a(use.node, "QuantizeLinear") || use.input != 0) continue;
    for (const Use& codes : graph.uses(use.node->output(0))) {
      if (is_a(codes.node, "DequantizeLinear") && codes.input == 0) found.push_back(codes.node);
    }
  }
  return found;
}

const onnx::NodeProto* named_dequantizer(const Graph& graph, const std::string& tensor) {
  for (const std::string_view suffix : kDequantizedSuffixes) {
    const onnx::NodeProto* node = graph.producer(tensor + std::string(suffix));
    if (is_a(node, "DequantizeLinear")) return node;
  }
  return nullptr;
}

TensorPair pair_of(const Graph& graph, const std::string& tensor) {
  TensorPair pair{tensor, {}, nullptr};
  if (!exists(graph, tensor)) {
    pair.dequantize = named_dequantizer(graph, tensor);
    if (pair.dequantize != nullptr) pair.stand_ins = {pair.dequantize->output(0)};
    return pair;
  }
  for (const onnx::NodeProto* node : dequantizers_of(graph, tensor)) {
    if (pair.dequantize == nullptr) pair.dequantize = node;
    pair.stand_ins.push_back(node->output(0));
  }
  if (!pair.stand_ins.empty()) return pair;
  pair.stand_ins = {tensor};
  // A graph output keeps its name behind its own DequantizeLinear.
  if (is_a(graph.producer(tensor), "DequantizeLinear")) pair.dequantize = graph.producer(tensor);
  return pair;
}

std::size_t computed_inputs(const Graph& graph, const onnx::NodeProto& node) {
  return static_cast<std::size_t>(std::count_if(
      node.input().begin(), node.input().end(),
      [&](const std::string& input) { return !input.empty() && !graph.is_initializer(input); }));
}

// It stays float, and all that is made of it is one quantized tensor: half a layer.
bool is_half_a_layer(const Graph& graph, const TensorPair& pair,
                     const std::set<std::string_view>& quantized) {
  if (pair.dequantize != nullptr || graph.is_output(pair.tensor)) return false;
  const onnx::NodeProto* reader = graph.only_consumer(pair.tensor);
  return reader != nullptr && computed_inputs(graph, *reader) == 1 &&
         quantized.contains(reader->output(0));
}

// Codes of one scale stay codes of that scale in these: no error is added.
constexpr std::array<std::string_view, 12> kKeepsCodes = {
    "Expand",  "Flatten", "Gather", "Identity", "MaxPool",   "Relu",
    "Reshape", "Slice",   "Split",  "Squeeze",  "Transpose", "Unsqueeze"};

bool same_codes(const Graph& graph, const TensorPair& a, const TensorPair& b) {
  if (a.dequantize == nullptr || b.dequantize == nullptr) return false;
  const auto params = linear_params(graph, *a.dequantize);
  return params && params == linear_params(graph, *b.dequantize);
}

// It passes on the codes that it reads.
bool is_same_layer(const Graph& exact, const Graph& quantized, const TensorPair& pair,
                   std::span<const TensorPair> before) {
  const onnx::NodeProto* maker = exact.producer(pair.tensor);
  if (maker == nullptr || exact.is_output(pair.tensor) ||
      std::find(kKeepsCodes.begin(), kKeepsCodes.end(), maker->op_type()) == kKeepsCodes.end()) {
    return false;
  }
  return std::any_of(before.begin(), before.end(), [&](const TensorPair& source) {
    return source.tensor == maker->input(0) && same_codes(quantized, source, pair);
  });
}

std::vector<std::string> tensors_of(const Graph& graph) {
  std::vector<std::string> tensors;
  for (const auto& input : graph.proto().input()) {
    if (!graph.is_initializer(input.name())) tensors.push_back(input.name());
  }
  for (const onnx::NodeProto& node : graph.proto().node()) {
    for (const std::string& output : node.output()) {
      if (!output.empty()) tensors.push_back(output);
    }
  }
  return tensors;
}

}  // namespace

TensorPairs pair_tensors(const Graph& float_graph, const Graph& quantized) {
  TensorPairs result;
  std::vector<TensorPair> found;
  for (const std::string& tensor : tensors_of(float_graph)) {
    TensorPair pair = pair_of(quantized, tensor);
    if (pair.stand_ins.empty()) {
      result.unmatched.push_back(tensor);
    } else {
      found.push_back(std::move(pair));
    }
  }
  std::set<std::string_view> with_codes;
  for (const TensorPair& pair : found) {
    if (pair.dequantize != nullptr) with_codes.insert(pair.tensor);
  }
  std::vector<bool> half;
  for (const TensorPair& pair : found) {
    half.push_back(is_half_a_layer(quantized, pair, with_codes) ||
                   is_same_layer(float_graph, quantized, pair, found));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!half[i]) result.pairs.push_back(std::move(found[i]));
  }
  return result;
}

}  // namespace octavo
