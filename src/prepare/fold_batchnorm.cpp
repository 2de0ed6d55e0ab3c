//   before                                      after
//   c = Conv(x, w, b)                           y = Conv(x, w', b')
//   y = BatchNormalization(c, s, t, m, v)       w' = w s/sqrt(v+e)   b' = (b - m) s/sqrt(v+e) + t
//
// Into Conv, ConvTranspose without groups, and Gemm; computed in double, a channel of the output at
// a time. Refuses: a result that something else reads too or that is a graph output, parameters
// that are not constant, training mode.
#include <cmath>

#include "model/attributes.h"
#include "model/operators.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

constexpr float kDefaultEpsilon = 1e-5F;

struct Match {
  const onnx::NodeProto* linear = nullptr;
  const onnx::NodeProto* norm = nullptr;
  Tensor weight;
  Tensor bias;
};

// y = factor x + shift, one pair a channel.
struct Affine {
  std::vector<double> factor;
  std::vector<double> shift;
};

std::optional<Affine> affine_of(const onnx::NodeProto& norm, const Graph& graph) {
  std::array<std::optional<Tensor>, 4> parameters;
  for (int i = 0; i < 4; ++i) {
    parameters[i] = float_constant(graph, input_or_empty(norm, i + 1));
    if (!parameters[i] || parameters[i]->size() != parameters[0]->size()) return std::nullopt;
  }
  const double epsilon = float_attribute(norm, "epsilon", kDefaultEpsilon);
  Affine affine;
  for (std::size_t i = 0; i < parameters[0]->size(); ++i) {
    const double factor = parameters[0]->at(i) / std::sqrt(parameters[3]->at(i) + epsilon);
    affine.factor.push_back(factor);
    affine.shift.push_back(parameters[1]->at(i) - parameters[2]->at(i) * factor);
  }
  return affine;
}

// Multiplies each slice of `weight` along `axis` by its factor.
Tensor scaled(const Tensor& weight, int axis, const std::vector<double>& factors) {
  Tensor result = weight;
  std::size_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < weight.shape().size(); ++i) {
    inner *= static_cast<std::size_t>(weight.shape()[i]);
  }
  const auto values = result.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double factor = factors[i / inner % factors.size()];
    values[i] = static_cast<float>(static_cast<double>(values[i]) * factor);
  }
  return result;
}

std::optional<Tensor> bias_of(const onnx::NodeProto& linear, const Graph& graph,
                              std::size_t channels) {
  const std::string_view name = input_or_empty(linear, 2);
  if (name.empty()) return Tensor(DType::kFloat32, {static_cast<std::int64_t>(channels)});
  auto bias = float_constant(graph, name);
  if (!bias || bias->size() != channels) return std::nullopt;
  return bias->reshaped({static_cast<std::int64_t>(channels)});
}

// Empty if the two fold; otherwise why not.
std::string examine(const onnx::NodeProto& norm, const Graph& graph, Match& match) {
  const onnx::NodeProto* linear = graph.producer(norm.input(0));
  const bool known = linear != nullptr && linear->op_type() != "MatMul" &&
                     weighted_inputs(linear->op_type()).has_value();
  if (!known) return "no Conv or Gemm before it";
  if (graph.only_consumer(norm.input(0)) != &norm) return "something else reads its input";
  if (int_attribute(norm, "training_mode", 0) != 0) return "it is in training mode";
  const auto affine = affine_of(norm, graph);
  if (!affine) return "its parameters are not constant";
  const auto weight = float_constant(graph, input_or_empty(*linear, 1));
  if (!weight) return "the weight before it is not constant";
  const auto axis = output_channel_axis(*linear, static_cast<int>(weight->shape().size()));
  const auto channels = affine->factor.size();
  if (!axis || static_cast<std::size_t>(weight->shape()[*axis]) != channels) {
    return "its channels are not the weight's output channels";
  }
  if (linear->op_type() == "Gemm" && float_attribute(*linear, "beta", 1) != 1) {
    return "the Gemm before it scales its bias";
  }
  auto bias = bias_of(*linear, graph, channels);
  if (!bias) return "the bias before it is not constant";
  for (std::size_t i = 0; i < channels; ++i) {
    float& value = bias->mutable_as<float>()[i];
    value = static_cast<float>(static_cast<double>(value) * affine->factor[i] + affine->shift[i]);
  }
  match = {linear, &norm, scaled(*weight, *axis, affine->factor), *std::move(bias)};
  return {};
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  onnx::GraphProto& proto = *model.mutable_graph();
  std::vector<Match> matches;
  {
    const Graph graph(proto);
    for (const onnx::NodeProto& node : proto.node()) {
      if (node.op_type() != "BatchNormalization" || !in_default_domain(node)) continue;
      Match match;
      std::string reason = examine(node, graph, match);
      if (reason.empty()) {
        matches.push_back(std::move(match));
      } else {
        context.refusals.push_back({node.name(), std::move(reason)});
      }
    }
  }
  NodeSet folded;
  std::unordered_map<const onnx::NodeProto*, const Match*> by_linear;
  for (const Match& match : matches) {
    folded.insert(match.norm);
    by_linear.emplace(match.linear, &match);
  }
  for (onnx::NodeProto& node : *proto.mutable_node()) {
    const auto found = by_linear.find(&node);
    if (found == by_linear.end()) continue;
    const Match& match = *found->second;
    const std::string weight = node.input(1);
    const std::string bias = node.input_size() > 2 ? node.input(2) : weight + "_bias";
    while (node.input_size() < 3) node.add_input();
    node.set_input(1, add_initializer(proto, match.weight, weight + "_folded"));
    node.set_input(2, add_initializer(proto, match.bias, bias + "_folded"));
    node.set_output(0, match.norm->output(0));
  }
  erase_nodes(proto, folded);
  return matches.size();
}

}  // namespace

const Pass& fold_batchnorm_pass() {
  static const Pass kPass = {"fold_batchnorm",
                             "folds BatchNormalization into the Conv or Gemm before it", run};
  return kPass;
}

}  // namespace octavo
