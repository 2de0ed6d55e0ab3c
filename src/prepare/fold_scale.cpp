//   before                          after
//   c = Conv(x, w, b)               y = Conv(x, w', b')
//   y = Mul(c, k)  or Add(c, k)     w' = w k, b' = b k        or b' = b + k
//
// k constant: one number, or one a channel (shape [C, 1, 1] after a 2-D Conv). Also after
// ConvTranspose. Refuses: a result that something else reads, a constant of any other shape.
#include "model/operators.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

struct Match {
  const onnx::NodeProto* conv = nullptr;
  const onnx::NodeProto* scale = nullptr;
  Tensor weight;
  Tensor bias;
};

bool is_conv(const onnx::NodeProto& node) {
  return in_default_domain(node) && (node.op_type() == "Conv" || node.op_type() == "ConvTranspose");
}

// One value a channel, or nothing if the constant broadcasts any other way over [N, C, spatial...].
std::optional<std::vector<double>> per_channel(const Tensor& constant, std::size_t channels,
                                               std::size_t rank) {
  if (constant.size() == 1 && constant.shape().size() <= rank) {
    return std::vector<double>(channels, constant.at(0));
  }
  const Shape& shape = constant.shape();
  const std::size_t spatial = rank - 2;
  if (constant.size() != channels || shape.size() < spatial + 1 || shape.size() > rank) {
    return std::nullopt;
  }
  if (static_cast<std::size_t>(shape[shape.size() - spatial - 1]) != channels) return std::nullopt;
  std::vector<double> values;
  for (std::size_t i = 0; i < channels; ++i) values.push_back(constant.at(i));
  return values;
}

std::optional<Match> examine(const onnx::NodeProto& node, const Graph& graph) {
  const bool multiplies = node.op_type() == "Mul";
  if (!in_default_domain(node) || (!multiplies && node.op_type() != "Add")) return std::nullopt;
  const int constant_input = graph.is_constant(node.input(1)) ? 1 : 0;
  const auto constant = float_constant(graph, node.input(constant_input));
  const std::string& result = node.input(1 - constant_input);
  const onnx::NodeProto* conv = graph.producer(result);
  if (!constant || conv == nullptr || !is_conv(*conv)) return std::nullopt;
  if (graph.only_consumer(result) != &node) return std::nullopt;
  auto weight = float_constant(graph, input_or_empty(*conv, 1));
  if (!weight) return std::nullopt;
  const std::size_t rank = weight->shape().size();
  const auto axis = output_channel_axis(*conv, static_cast<int>(rank));
  if (!axis) return std::nullopt;
  const auto channels = static_cast<std::size_t>(weight->shape()[*axis]);
  const auto values = per_channel(*constant, channels, rank);
  if (!values) return std::nullopt;
  const std::string_view bias_name = input_or_empty(*conv, 2);
  auto bias = bias_name.empty() ? Tensor(DType::kFloat32, {static_cast<std::int64_t>(channels)})
                                : float_constant(graph, bias_name);
  if (!bias || bias->size() != channels) return std::nullopt;
  std::size_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(*axis) + 1; i < rank; ++i) {
    inner *= static_cast<std::size_t>(weight->shape()[i]);
  }
  const auto weights = weight->mutable_as<float>();
  for (std::size_t i = 0; multiplies && i < weights.size(); ++i) {
    weights[i] = static_cast<float>(weights[i] * (*values)[i / inner % channels]);
  }
  const auto biases = bias->mutable_as<float>();
  for (std::size_t i = 0; i < channels; ++i) {
    const double old = biases[i];
    biases[i] = static_cast<float>(multiplies ? old * (*values)[i] : old + (*values)[i]);
  }
  return Match{conv, &node, *std::move(weight), *std::move(bias)};
}

std::size_t run(onnx::ModelProto& model, PassContext&) {
  onnx::GraphProto& proto = *model.mutable_graph();
  std::vector<Match> matches;
  {
    const Graph graph(proto);
    for (const onnx::NodeProto& node : proto.node()) {
      if (auto match = examine(node, graph)) matches.push_back(*std::move(match));
    }
  }
  NodeSet folded;
  std::unordered_map<const onnx::NodeProto*, const Match*> by_conv;
  for (const Match& match : matches) {
    folded.insert(match.scale);
    by_conv.emplace(match.conv, &match);
  }
  for (onnx::NodeProto& node : *proto.mutable_node()) {
    const auto found = by_conv.find(&node);
    if (found == by_conv.end()) continue;
    const Match& match = *found->second;
    const std::string weight = node.input(1);
    const std::string bias =
        node.input_size() > 2 && !node.input(2).empty() ? node.input(2) : weight + "_bias";
    while (node.input_size() < 3) node.add_input();
    if (match.scale->op_type() == "Mul") {
      node.set_input(1, add_initializer(proto, match.weight, weight + "_scaled"));
    }
    node.set_input(2, add_initializer(proto, match.bias, bias + "_scaled"));
    node.set_output(0, match.scale->output(0));
  }
  erase_nodes(proto, folded);
  return matches.size();
}

}  // namespace

const Pass& fold_scale_pass() {
  static const Pass kPass = {
      "fold_scale", "folds a constant Mul or Add after a Conv into its weight and bias", run};
  return kPass;
}

}  // namespace octavo
