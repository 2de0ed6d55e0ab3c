#include "prepare/passes/fold_constants.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ranges>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/tensor_proto.h"
#include "octavo/error.h"

namespace octavo {
namespace {

using Nodes = std::vector<const onnx::NodeProto*>;
using Names = std::unordered_set<std::string_view>;

constexpr std::array<std::string_view, 10> kNeverFolded = {
    "Bernoulli",    "DequantizeLinear", "Dropout",       "Multinomial",       "QuantizeLinear",
    "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "StringNormalizer"};

bool is_foldable(const Graph& graph, const onnx::NodeProto& node) {
  const bool is_named =
      std::find(kNeverFolded.begin(), kNeverFolded.end(), node.op_type()) != kNeverFolded.end();
  const auto& outputs = node.output();
  return !is_named && in_default_domain(node) && node.input_size() > 0 && subgraphs(node).empty() &&
         std::none_of(outputs.begin(), outputs.end(),
                      [&](const std::string& output) { return graph.is_output(output); });
}

// The nodes that depend on constants alone, in order.
Nodes constant_nodes(const Graph& graph) {
  Names computed;
  Nodes nodes;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    const auto& inputs = node.input();
    const bool is_constant = std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
      return input.empty() || graph.is_constant(input) || computed.contains(input);
    });
    if (!is_constant || !is_foldable(graph, node)) continue;
    nodes.push_back(&node);
    computed.insert(node.output().begin(), node.output().end());
  }
  return nodes;
}

// Those of `constant` whose results something else reads.
Nodes frontier(const Graph& graph, const Nodes& constant) {
  const std::unordered_set<const onnx::NodeProto*> inner(constant.begin(), constant.end());
  Nodes result;
  for (const onnx::NodeProto* node : constant) {
    const auto& outputs = node->output();
    const bool is_read = std::any_of(outputs.begin(), outputs.end(), [&](const auto& output) {
      const auto uses = graph.uses(output);
      return graph.used_in_subgraph(output) ||
             std::any_of(uses.begin(), uses.end(),
                         [&](const Use& use) { return !inner.contains(use.node); });
    });
    if (is_read) result.push_back(node);
  }
  return result;
}

// Those of `constant` that `wanted` depends on, in order, and every tensor that they read.
struct Dependencies {
  Nodes nodes;
  Names tensors;
};

Dependencies dependencies_of(const Nodes& constant, const onnx::NodeProto& wanted) {
  Dependencies found;
  found.tensors.insert(wanted.output().begin(), wanted.output().end());
  found.tensors.erase("");
  for (const onnx::NodeProto* node : constant | std::views::reverse) {
    const auto& outputs = node->output();
    if (std::none_of(outputs.begin(), outputs.end(),
                     [&](const auto& output) { return found.tensors.contains(output); })) {
      continue;
    }
    found.nodes.insert(found.nodes.begin(), node);
    found.tensors.insert(node->input().begin(), node->input().end());
    found.tensors.erase("");
  }
  return found;
}

// A model that makes every output of `wanted` from nothing.
Model constant_model(const PassContext& context, const Nodes& constant,
                     const onnx::NodeProto& wanted) {
  const Dependencies needed = dependencies_of(constant, wanted);
  onnx::ModelProto proto;
  proto.set_ir_version(context.model.proto().ir_version());
  *proto.mutable_opset_import() = context.model.proto().opset_import();
  onnx::GraphProto& graph = *proto.mutable_graph();
  graph.set_name("constants");
  for (const onnx::NodeProto* node : needed.nodes) *graph.add_node() = *node;
  for (const onnx::TensorProto& tensor : context.graph.proto().initializer()) {
    if (needed.tensors.contains(tensor.name())) *graph.add_initializer() = tensor;
  }
  for (const std::string& output : wanted.output()) {
    if (!output.empty()) graph.add_output()->set_name(output);
  }
  return Model(std::move(proto));
}

std::size_t bytes_of(const std::vector<Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.bytes().size();
  return bytes;
}

std::size_t initializer_bytes(const Model& model) {
  std::size_t bytes = 0;
  for (const auto& tensor : model.proto().graph().initializer()) {
    bytes += tensor.ByteSizeLong();
  }
  return bytes;
}

// Folds one node, with everything before it.
void fold_one(const PassContext& context, const Nodes& constant, const onnx::NodeProto& node,
              PassPlan& plan) {
  const Model model = constant_model(context, constant, node);
  std::vector<Tensor> results;
  try {
    results = context.options.evaluate(model);
  } catch (const Error& error) {
    return plan.refused(node, error.what());
  }
  const std::size_t bytes = bytes_of(results);
  if (bytes > context.options.max_constant_bytes && bytes > initializer_bytes(model)) {
    return plan.refused(node, "its result would take " + std::to_string(bytes) + " bytes");
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string& name = model.proto().graph().output(static_cast<int>(i)).name();
    plan.edits.set_initializer(tensor_to_proto(results[i], name));
  }
  plan.edits.remove(node);
  plan.changed(node, node.op_type() + " of constants is a constant now");
}

}  // namespace

PassPlan plan_fold_constants(const PassContext& context) {
  PassPlan plan;
  if (!context.options.evaluate) return plan;
  const Nodes constant = constant_nodes(context.graph);
  for (const onnx::NodeProto* node : frontier(context.graph, constant)) {
    fold_one(context, constant, *node, plan);
  }
  return plan;
}

}  // namespace octavo
