#include "repair/input_scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "model/attributes.h"
#include "model/name_pool.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "prepare/constants.h"
#include "prepare/graph_edits.h"
#include "prepare/linear_node.h"
#include "prepare/operator_match.h"
#include "repair/rename_tensors.h"

namespace octavo {
namespace {

// A constant that a node reads.
struct ConstantUse {
  const onnx::NodeProto* node = nullptr;
  int input = 0;
};

// What has to be divided so that a tensor is.
struct FoldPath {
  std::vector<std::string> tensors;        // divided with it, itself among them
  std::vector<ConstantUse> constants;      // one value a channel
  const onnx::NodeProto* layer = nullptr;  // whose output channels are divided; null: none
  std::string obstacle;                    // empty: there is such a path
};

std::optional<LinearNode> product_of(const Graph& graph, const onnx::NodeProto& node) {
  if (!is_product(node) || !in_default_domain(node)) return std::nullopt;
  if (int_attribute(node, "transA", 0) != 0) return std::nullopt;
  auto found = as_linear_node(graph, node);
  auto* layer = std::get_if<LinearNode>(&found);
  if (layer == nullptr || graph.only_consumer(node.input(1)) == nullptr) return std::nullopt;
  if (layer->weights.dtype() != DType::kFloat32) return std::nullopt;
  return std::move(*layer);
}

class PathFinder {
 public:
  PathFinder(const Graph& graph, std::size_t channels) : graph_(graph), channels_(channels) {}

  FoldPath find(const std::string& tensor, std::size_t readers) {
    const bool only_read_by_layers = graph_.uses(tensor).size() == readers &&
                                     !graph_.is_output(tensor) && !graph_.used_in_subgraph(tensor);
    if (!only_read_by_layers) {
      path_.obstacle = fmt::format("'{}' is read by more than layers", tensor);
      return std::move(path_);
    }
    follow(tensor);
    return std::move(path_);
  }

 private:
  bool is_channels(const std::string& name) const {
    const auto constant = constant_tensor(graph_, name);
    return constant && constant->dtype() == DType::kFloat32 && constant->size() == channels_ &&
           constant->shape().back() == static_cast<std::int64_t>(channels_);
  }

  // To what makes the tensor, which is divided.
  void follow(const std::string& tensor) {
    path_.tensors.push_back(tensor);
    const onnx::NodeProto* node = graph_.producer(tensor);
    if (node == nullptr) {
      path_.obstacle = fmt::format("'{}' is an input of the model", tensor);
    } else if (is_operator(*node, "LayerNormalization", 2) && is_channels(node->input(1))) {
      path_.constants.push_back({node, 1});
      if (!input_or_empty(*node, 2).empty()) path_.constants.push_back({node, 2});
    } else if (is_operator(*node, "Add", 2) || is_operator(*node, "Mul", 2)) {
      follow_arithmetic(*node);
    } else if (is_operator(*node, "Relu", 1) || is_operator(*node, "LeakyRelu", 1)) {
      follow_behind(node->input(0));
    } else if (product_of(graph_, *node)) {
      path_.layer = node;
    } else {
      path_.obstacle = fmt::format("{} makes it", describe(*node));
    }
  }

  // With a constant a channel: a sum needs both of its parts divided, a product one.
  void follow_arithmetic(const onnx::NodeProto& node) {
    const bool first = is_channels(node.input(0));
    if (!first && !is_channels(node.input(1))) {
      path_.obstacle = fmt::format("{} makes it", describe(node));
      return;
    }
    path_.constants.push_back({&node, first ? 0 : 1});
    if (node.op_type() == "Add") follow_behind(node.input(first ? 1 : 0));
  }

  void follow_behind(const std::string& tensor) {
    if (graph_.only_consumer(tensor) == nullptr) {
      path_.obstacle = fmt::format("'{}' is read by more than one node", tensor);
      return;
    }
    follow(tensor);
  }

  const Graph& graph_;
  std::size_t channels_;
  FoldPath path_;
};

// Carries one division out.
class Division {
 public:
  Division(Model& model, const ScalableInput& input, const std::vector<double>& factors)
      : model_(model),
        graph_(model.proto().graph()),
        names_(graph_.proto()),
        input_(input),
        factors_(factors) {
    for (const double factor : factors) inverse_.push_back(1 / factor);
  }

  std::vector<std::string> run() {
    std::vector<std::string> changed = input_.readers;
    FoldPath path;
    std::vector<onnx::NodeProto> before;
    std::string read = input_.tensor;
    if (input_.source == ScaleSource::kMultiply) {
      before.push_back(multiplication());
      read = before.front().output(0);
    } else {
      path = PathFinder(graph_, input_.channels).find(input_.tensor, input_.readers.size());
      if (!divide_path(path)) return {};
      if (path.layer != nullptr) changed.push_back(path.layer->name());
    }
    for (const std::string& reader : input_.readers) {
      if (!multiply_weights(*graph_.node(reader), read, std::exchange(before, {}))) return {};
    }
    std::move(edits_).apply(model_);
    rename_tensors(*model_.mutable_proto().mutable_graph(), path.tensors, "_scaled");
    return changed;
  }

 private:
  onnx::NodeProto multiplication() {
    const Tensor factor = Tensor::of<float>({static_cast<std::int64_t>(inverse_.size())},
                                            std::vector<float>(inverse_.begin(), inverse_.end()));
    const std::string constant = names_.take(input_.tensor + "_channel_scale");
    edits_.set_initializer(tensor_to_proto(factor, constant));
    onnx::NodeProto node;
    node.set_op_type("Mul");
    node.set_name(names_.take(input_.tensor + "/Mul"));
    node.add_input(input_.tensor);
    node.add_input(constant);
    node.add_output(names_.take(input_.tensor + "_scaled"));
    return node;
  }

  bool divide_path(const FoldPath& path) {
    std::unordered_map<const onnx::NodeProto*, onnx::NodeProto> nodes;
    for (const ConstantUse& use : path.constants) {
      const std::string& name = use.node->input(use.input);
      const auto constant = constant_tensor(graph_, name);
      if (!constant) return false;
      std::vector<double> values = to_doubles(*constant);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= inverse_[i];
      const auto divided = from_doubles(DType::kFloat32, constant->shape(), values);
      if (!divided) return false;
      const bool shared = graph_.only_consumer(name) == nullptr;
      const std::string placed = shared ? names_.take(name + "_scaled") : name;
      edits_.set_initializer(tensor_to_proto(*divided, placed));
      nodes.try_emplace(use.node, *use.node).first->second.set_input(use.input, placed);
    }
    for (auto& [node, changed] : nodes) edits_.replace(*node, {std::move(changed)});
    if (path.layer == nullptr) return true;
    const auto layer = product_of(graph_, *path.layer);
    if (!layer) return false;
    auto folded = fold_affine(graph_, *layer, {inverse_, {}, {}}, names_);
    if (!folded) return false;
    replace_layer(*layer, std::move(*folded), edits_);
    return true;
  }

  bool multiply_weights(const onnx::NodeProto& node, const std::string& read,
                        std::vector<onnx::NodeProto> before) {
    const auto layer = product_of(graph_, node);
    if (!layer) return false;
    auto folded = fold_affine(graph_, *layer, {{}, {}, factors_}, names_);
    if (!folded) return false;
    folded->node.set_input(0, read);
    for (onnx::TensorProto& tensor : folded->initializers) {
      edits_.set_initializer(std::move(tensor));
    }
    before.push_back(std::move(folded->node));
    edits_.replace(node, std::move(before));
    return true;
  }

  Model& model_;
  const Graph graph_;
  NamePool names_;
  const ScalableInput& input_;
  const std::vector<double>& factors_;
  std::vector<double> inverse_;
  GraphEdits edits_;
};

}  // namespace

std::vector<ScalableInput> scalable_inputs(const Graph& graph) {
  std::vector<ScalableInput> inputs;
  std::set<std::string_view> seen;
  for (const onnx::NodeProto& node : graph.proto().node()) {
    if (!product_of(graph, node) || !seen.insert(node.input(0)).second) continue;
    ScalableInput input{node.input(0), {}, 0, ScaleSource::kConstants, {}};
    for (const Use& use : graph.uses(input.tensor)) {
      const auto layer = use.input == 0 ? product_of(graph, *use.node) : std::nullopt;
      if (!layer) continue;
      input.readers.push_back(use.node->name());
      input.channels = layer->input_channels;
    }
    input.obstacle =
        PathFinder(graph, input.channels).find(input.tensor, input.readers.size()).obstacle;
    if (!input.obstacle.empty()) input.source = ScaleSource::kMultiply;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::vector<std::string> divide_input(Model& model, const ScalableInput& input,
                                      const std::vector<double>& factors) {
  return Division(model, input, factors).run();
}

}  // namespace octavo
