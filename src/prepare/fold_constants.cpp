//   before                                     after
//   w = Transpose(v), v constant; Conv(x, w)   initializer w; Conv(x, w)
//
// Whatever depends on constants alone is computed once, by the runtime itself. Refuses: random
// operators, nodes with bodies, results over kLargestResult bytes that are larger than their inputs
// (a ConstantOfShape must not grow the file), and what the runtime cannot run alone.
#include <algorithm>
#include <array>
#include <map>

#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

constexpr std::size_t kLargestResult = 1 << 20;
constexpr std::array<std::string_view, 9> kNeverFolded = {
    "Bernoulli",        "DequantizeLinear", "Multinomial",       "QuantizeLinear",  "RandomNormal",
    "RandomNormalLike", "RandomUniform",    "RandomUniformLike", "StringNormalizer"};

bool is_foldable(const onnx::NodeProto& node) {
  const bool named =
      std::find(kNeverFolded.begin(), kNeverFolded.end(), node.op_type()) != kNeverFolded.end();
  return !named && node.input_size() > 0 && subgraphs(node).empty();
}

// The nodes that depend on constants alone, in order.
std::vector<const onnx::NodeProto*> constant_nodes(const Graph& graph) {
  std::unordered_set<std::string_view> constant;
  for (const auto& tensor : graph.proto().initializer()) {
    if (graph.is_constant(tensor.name())) constant.insert(tensor.name());
  }
  std::vector<const onnx::NodeProto*> nodes;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const auto& inputs = node.input();
    const bool depends = std::all_of(inputs.begin(), inputs.end(), [&](const std::string& input) {
      return input.empty() || constant.contains(input);
    });
    if (!depends || !is_foldable(node)) continue;
    nodes.push_back(&node);
    for (const std::string& output : node.output()) constant.insert(output);
  }
  return nodes;
}

// A model of one constant node and the constants that it reads.
Model model_of(const onnx::ModelProto& model, const Graph& graph, const onnx::NodeProto& node,
               const std::map<std::string, Tensor>& computed) {
  onnx::ModelProto small;
  small.set_ir_version(model.ir_version());
  *small.mutable_opset_import() = model.opset_import();
  onnx::GraphProto& proto = *small.mutable_graph();
  proto.set_name("constant");
  *proto.add_node() = node;
  std::unordered_set<std::string_view> added;
  for (const std::string& input : node.input()) {
    if (input.empty() || !added.insert(input).second) continue;
    const auto known = computed.find(input);
    *proto.add_initializer() =
        known != computed.end() ? tensor_to_proto(known->second, input) : *graph.initializer(input);
  }
  for (const std::string& output : node.output()) {
    if (!output.empty()) proto.add_output()->set_name(output);
  }
  return Model(std::move(small));
}

std::size_t input_bytes(const Model& model) {
  std::size_t bytes = 0;
  for (const auto& tensor : model.proto().graph().initializer()) bytes += tensor.ByteSizeLong();
  return bytes;
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  if (!context.evaluate) return 0;
  onnx::GraphProto& proto = *model.mutable_graph();
  std::map<std::string, Tensor> computed;
  NodeSet folded;
  {
    const Graph graph(proto);
    for (const onnx::NodeProto* node : constant_nodes(graph)) {
      const auto known = [&](const std::string& input) {
        return input.empty() || graph.is_constant(input) || computed.contains(input);
      };
      if (!std::all_of(node->input().begin(), node->input().end(), known)) continue;
      const Model small = model_of(model, graph, *node, computed);
      std::vector<Tensor> results;
      try {
        results = context.evaluate(small);
      } catch (const Error& error) {
        context.refusals.push_back({node->name(), error.what()});
        continue;
      }
      const std::size_t before = input_bytes(small);
      const bool grows = std::any_of(results.begin(), results.end(), [&](const Tensor& result) {
        return result.bytes().size() > kLargestResult && result.bytes().size() > before;
      });
      if (grows) {
        context.refusals.push_back({node->name(), "its result would grow the file"});
        continue;
      }
      std::size_t next = 0;
      for (const std::string& output : node->output()) {
        if (!output.empty()) computed.emplace(output, std::move(results[next++]));
      }
      folded.insert(node);
    }
  }
  for (const auto& [name, tensor] : computed) {
    *proto.add_initializer() = tensor_to_proto(tensor, name);
  }
  erase_nodes(proto, folded);
  return folded.size();
}

}  // namespace

const Pass& fold_constants_pass() {
  static const Pass kPass = {"fold_constants", "computes what depends on constants alone", run};
  return kPass;
}

}  // namespace octavo
