#include "repair/block/block_network.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "model/operators.h"
#include "model/tensor_proto.h"
#include "prepare/linear_node.h"
#include "repair/block/learned_step.h"
#include "repair/code_readers.h"

namespace octavo {
namespace {

const PlannedConstant* constant_of(const Plan& plan, std::string_view node, int input) {
  const auto found = std::find_if(
      plan.constants.begin(), plan.constants.end(),
      [&](const PlannedConstant& entry) { return entry.node == node && entry.input == input; });
  return found == plan.constants.end() ? nullptr : &*found;
}

// Nothing else has the scale than what the block makes, and what passes it on.
bool is_made_here(const Graph& graph, const Plan& plan, const std::vector<std::string>& nodes,
                  const std::vector<std::string>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [&](const std::string& tensor) {
    const onnx::NodeProto* producer = graph.producer(tensor);
    if (producer == nullptr) return false;
    if (std::find(nodes.begin(), nodes.end(), producer->name()) != nodes.end()) return true;
    const NodePlacement* placement = placement_of(plan, producer->name());
    return placement != nullptr && (placement->role == OperatorRole::kPassThrough ||
                                    placement->role == OperatorRole::kIntegerPassThrough);
  });
}

// An image's or a Sigmoid's: not learned.
bool has_known_range(const PlannedActivation& activation) {
  return activation.calibrator.name == "fixed";
}

// 64 coins from one number (splitmix64).
std::uint64_t coins(std::uint64_t seed) {
  seed += 0x9e3779b97f4a7c15U;
  seed = (seed ^ (seed >> 30U)) * 0xbf58476d1ce4e5b9U;
  seed = (seed ^ (seed >> 27U)) * 0x94d049bb133111ebU;
  return seed ^ (seed >> 31U);
}

std::vector<std::uint8_t> draw(std::size_t count, std::uint64_t seed) {
  std::vector<std::uint8_t> taken(count);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 64 == 0) bits = coins(seed + i);
    taken[i] = static_cast<std::uint8_t>(bits >> (i % 64) & 1U);
  }
  return taken;
}

// `codes` where taken, `exact` elsewhere.
void mix(const Tensor& exact, const std::vector<std::uint8_t>& taken, Tensor& codes) {
  const auto from = exact.as<float>();
  const auto to = codes.mutable_as<float>();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i] == 0) to[i] = from[i];
  }
}

// The elements of a layer's result as channels.
struct ChannelRuns {
  std::size_t channels = 1;
  std::size_t inner = 1;

  ChannelRuns(const Tensor& result, bool is_product) {
    const Shape& shape = result.shape();
    const std::size_t axis = is_product ? shape.size() - 1 : 1;
    channels = static_cast<std::size_t>(shape[axis]);
    for (std::size_t i = axis + 1; i < shape.size(); ++i) {
      inner *= static_cast<std::size_t>(shape[i]);
    }
  }
  std::size_t channel(std::size_t element) const { return element / inner % channels; }
};

void add_shift(const Tensor& shift, bool is_product, Tensor& result) {
  const ChannelRuns runs(result, is_product);
  const auto by_channel = shift.as<float>();
  const auto values = result.mutable_as<float>();
  for (std::size_t i = 0; i < values.size(); i += runs.inner) {
    const float by = by_channel[runs.channel(i)];
    for (float& value : values.subspan(i, runs.inner)) value += by;
  }
}

void add_shift_gradient(const Tensor& gradient, bool is_product, Tensor& shift) {
  const ChannelRuns runs(gradient, is_product);
  const auto by_channel = shift.mutable_as<float>();
  const auto values = gradient.as<float>();
  for (std::size_t i = 0; i < values.size(); i += runs.inner) {
    float sum = 0;
    for (const float value : values.subspan(i, runs.inner)) sum += value;
    by_channel[runs.channel(i)] += sum;
  }
}

double mean_square_difference(const Tensor& a, const Tensor& b) {
  double sum = 0;
  const auto left = a.as<float>();
  const auto right = b.as<float>();
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double difference = static_cast<double>(left[i]) - static_cast<double>(right[i]);
    sum += difference * difference;
  }
  return sum / static_cast<double>(left.size());
}

}  // namespace

// One sample on its way through the block, and its error on the way back.
class BlockPass {
 public:
  BlockPass(const BlockNetwork& network, const BlockValues& values, const BlockSample& sample)
      : network_(network),
        values_(values),
        sample_(sample),
        results_(network.nodes_.size()),
        codes_(network.nodes_.size()),
        taken_(network.nodes_.size()) {}

  void forward(std::optional<ActivationDrop> drop) {
    if (drop) mix_inputs(drop->seed);
    for (std::size_t i = 0; i < network_.nodes_.size(); ++i) {
      const BlockNetwork::Node& node = network_.nodes_[i];
      results_[i] = node.op->forward(inputs_of(node));
      const bool shifts = node.layer && network_.shift_sizes_[*node.layer] > 0;
      if (shifts) add_shift(values_.shifts[*node.layer], node.is_product, results_[i]);
      if (!node.step) continue;
      codes_[i] = fake_quantize(results_[i], values_.activations[*node.step]);
      if (!drop || i == network_.output_) continue;  // what is compared is what is passed on
      taken_[i] = draw(results_[i].size(), drop->seed + (i + 1) * 0x51ed2701U);
      mix(results_[i], taken_[i], codes_[i]);
    }
  }

  const Tensor& output() const {
    const std::size_t last = network_.output_;
    return network_.nodes_[last].step ? codes_[last] : results_[last];
  }

  void backward(BlockGradient& sum) {
    result_gradients_.clear();
    code_gradients_.clear();
    for (const Tensor& result : results_) {
      result_gradients_.emplace_back(DType::kFloat32, result.shape());
      code_gradients_.emplace_back(DType::kFloat32, result.shape());
    }
    begin_at_output();
    for (std::size_t i = results_.size(); i-- > 0;) backward_node(i, sum);
  }

 private:
  void mix_inputs(std::uint64_t seed) {
    mixed_ = sample_.quantized;
    for (std::size_t i = 0; i < mixed_.size(); ++i) {
      mix(sample_.exact[i], draw(mixed_[i].size(), seed + (i + 1) * 0x2545f491U), mixed_[i]);
    }
  }

  const Tensor& input(std::size_t index) const {
    return mixed_.empty() ? sample_.quantized[index] : mixed_[index];
  }

  const Tensor* value_of(const BlockNetwork::Source& source) const {
    using Kind = BlockNetwork::Source::Kind;
    switch (source.kind) {
      case Kind::kAbsent:
        return nullptr;
      case Kind::kConstant:
        return &network_.constants_[source.index];
      case Kind::kWeights:
        return &values_.weights[source.index];
      case Kind::kInput:
        return &input(source.index);
      case Kind::kNode:
        return has_codes(source) ? &codes_[source.index] : &results_[source.index];
    }
    return nullptr;
  }

  bool has_codes(const BlockNetwork::Source& source) const {
    return source.as_codes && network_.nodes_[source.index].step;
  }

  std::vector<const Tensor*> inputs_of(const BlockNetwork::Node& node) const {
    std::vector<const Tensor*> inputs;
    for (const auto& source : node.sources) inputs.push_back(value_of(source));
    return inputs;
  }

  void begin_at_output() {
    const std::size_t last = network_.output_;
    Tensor& gradient = network_.nodes_[last].step ? code_gradients_[last] : result_gradients_[last];
    const auto found = output().as<float>();
    const auto wanted = sample_.target.as<float>();
    const auto values = gradient.mutable_as<float>();
    const float factor = 2 / static_cast<float>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = factor * (found[i] - wanted[i]);
  }

  void backward_node(std::size_t i, BlockGradient& sum) {
    const BlockNetwork::Node& node = network_.nodes_[i];
    if (node.step) {
      const float step = values_.activations[*node.step].scale.front();
      sum.log_steps[*node.step] += step_backward(results_[i], codes_[i], step, code_gradients_[i],
                                                 taken_[i], result_gradients_[i]);
    }
    if (node.layer && network_.shift_sizes_[*node.layer] > 0) {
      add_shift_gradient(result_gradients_[i], node.is_product, sum.shifts[*node.layer]);
    }
    std::vector<Tensor*> below;
    for (const auto& source : node.sources) below.push_back(gradient_of(source, sum));
    node.op->backward(inputs_of(node), results_[i], result_gradients_[i], below);
  }

  Tensor* gradient_of(const BlockNetwork::Source& source, BlockGradient& sum) {
    using Kind = BlockNetwork::Source::Kind;
    if (source.kind == Kind::kWeights) return &sum.weights[source.index];
    if (source.kind != Kind::kNode) return nullptr;
    return has_codes(source) ? &code_gradients_[source.index] : &result_gradients_[source.index];
  }

  const BlockNetwork& network_;
  const BlockValues& values_;
  const BlockSample& sample_;
  std::vector<Tensor> mixed_;    // inputs; empty: those of the sample
  std::vector<Tensor> results_;  // by node
  std::vector<Tensor> codes_;    // by node, where it has a step: the results as codes
  std::vector<std::vector<std::uint8_t>> taken_;  // by node: which elements are codes; empty: all
  std::vector<Tensor> result_gradients_;
  std::vector<Tensor> code_gradients_;
};

BlockNetwork::BlockNetwork(const Graph& graph, const Plan& plan, const ScaleTies& ties,
                           const LayerBlock& block)
    : block_(block), shift_sizes_(block.layers.size(), 0) {
  for (const std::string& name : block.nodes) add_node(graph, plan, ties, *graph.node(name));
  const auto found = std::find(results_.begin(), results_.end(), block.output);
  output_ = static_cast<std::size_t>(found - results_.begin());
}

void BlockNetwork::add_node(const Graph& graph, const Plan& plan, const ScaleTies& ties,
                            const onnx::NodeProto& node) {
  Node added;
  added.op = make_block_operator(graph, node);
  const auto layer = std::find(block_.layers.begin(), block_.layers.end(), node.name());
  if (layer != block_.layers.end()) {
    added.layer = static_cast<std::size_t>(layer - block_.layers.begin());
    added.is_product = is_product(node);
    const auto linear = as_linear_node(graph, node);
    shift_sizes_[*added.layer] =
        node.op_type() == "MatMul" ? 0 : std::get<LinearNode>(linear).output_channels;
  }
  for (int i = 0; i < node.input_size(); ++i) {
    const bool is_weights = added.layer && i == 1;
    added.sources.push_back(is_weights ? Source{Source::Kind::kWeights, *added.layer}
                                       : source_of(graph, plan, node, i));
  }
  added.step = step_of(graph, plan, ties, node.output(0));
  nodes_.push_back(std::move(added));
  results_.push_back(node.output(0));
}

BlockNetwork::Source BlockNetwork::source_of(const Graph& graph, const Plan& plan,
                                             const onnx::NodeProto& node, int input) {
  const std::string& tensor = node.input(input);
  if (tensor.empty()) return {};
  if (const onnx::TensorProto* constant = graph.initializer(tensor)) {
    const PlannedConstant* planned = constant_of(plan, node.name(), input);
    Tensor values = tensor_from_proto(*constant).to_float32();
    if (planned != nullptr) values = fake_quantize(values, planned->params);
    constants_.push_back(std::move(values));
    return {Source::Kind::kConstant, constants_.size() - 1};
  }
  const bool as_codes = reads_codes(plan, node, tensor);
  const auto made = std::find(results_.begin(), results_.end(), tensor);
  if (made != results_.end()) {
    return {Source::Kind::kNode, static_cast<std::size_t>(made - results_.begin()), as_codes};
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const bool same = inputs_[i].tensor == tensor &&
                      reads_codes(plan, *graph.node(inputs_[i].node), tensor) == as_codes;
    if (same) return {Source::Kind::kInput, i};
  }
  inputs_.push_back({tensor, node.name(), input});
  return {Source::Kind::kInput, inputs_.size() - 1};
}

std::optional<std::size_t> BlockNetwork::step_of(const Graph& graph, const Plan& plan,
                                                 const ScaleTies& ties, const std::string& tensor) {
  const PlannedActivation* activation = planned_activation(plan, tensor);
  if (activation == nullptr) return std::nullopt;
  const std::vector<std::string>& tied = ties.tied_to(tensor);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].tensors == tied) return i;
  }
  const bool learned = traits(activation->params.scheme.dtype).is_integer() &&
                       !has_known_range(*activation) &&
                       is_made_here(graph, plan, block_.nodes, tied);
  steps_.push_back({tied, activation->params, learned});
  return steps_.size() - 1;
}

double BlockNetwork::squared_error(const BlockValues& values, const BlockSample& sample) const {
  BlockPass pass(*this, values, sample);
  pass.forward(std::nullopt);
  return mean_square_difference(pass.output(), sample.target);
}

void BlockNetwork::add_gradient(const BlockValues& values, const BlockSample& sample,
                                std::optional<ActivationDrop> drop, BlockGradient& sum) const {
  BlockPass pass(*this, values, sample);
  pass.forward(drop);
  sum.squared_error += mean_square_difference(pass.output(), sample.target);
  pass.backward(sum);
}

}  // namespace octavo
