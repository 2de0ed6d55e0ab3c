#include "train/quantized_network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "model/attributes.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "train/code_pair.h"
#include "train/constants.h"

namespace octavo {
namespace {

using Learning = TrainedActivation::Learning;

// A scale that training drives towards zero stops at this share of where it started.
constexpr double kSmallestShare = 1e-2;
constexpr std::string_view kQuantizeSuffix = "/QuantizeLinear";

Tensor initializer_of(const Graph& graph, const std::string& name) {
  return tensor_from_proto(*graph.initializer(name));
}

at::Tensor learner(const at::Tensor& value, at::Device device) {
  return value.to(device).clone().set_requires_grad(true);
}

void replace_initializer(onnx::GraphProto& graph, const std::string& name, const Tensor& tensor) {
  for (onnx::TensorProto& initializer : *graph.mutable_initializer()) {
    if (initializer.name() == name) initializer = tensor_to_proto(tensor, name);
  }
}

}  // namespace

class QuantizedNetwork::Builder {
 public:
  Builder(QuantizedNetwork& network, const QuantizedStart& start)
      : network_(network),
        start_(start),
        graph_(network.quantized_.proto().graph()),
        float_graph_(start.float_model.proto().graph()) {
    for (const TrainedWeight& weight : start.task.weights) {
      weights_.emplace(std::pair(weight.node, weight.input), &weight);
    }
    for (const TrainedActivation& activation : start.task.activations) {
      activations_.emplace(activation.tensor, &activation);
    }
  }

  void build(const std::vector<std::string>& outputs) {
    network_.activations_.reserve(static_cast<std::size_t>(graph_.proto().node_size()));
    for_each_dequantize([&](const auto& node) { add_pair(node); });
    for_each_dequantize([&](const auto& node) { add_weight(node); });
    for_each_dequantize([&](const auto& node) { add_bias(node); });
    add_floats();
    list_parameters();
    if (network_.parameters_.empty()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "the model has no weight: there is nothing to train");
    }
    options_.outputs = outputs;
    options_.device = start_.device;
    add_replacements();
    network_.network_ = std::make_unique<Network>(network_.quantized_, options_);
  }

 private:
  template <typename Visit>
  void for_each_dequantize(Visit visit) {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      if (node.op_type() == "DequantizeLinear") visit(node);
    }
  }

  // Codes that other operators read too belong to no pair alone: their numbers stay.
  bool only_in_pairs(const CodePair& pair) const {
    const auto uses = graph_.uses(pair.quantize->input(1));
    return std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
      if (use.node == pair.quantize) return true;
      return use.node->op_type() == "DequantizeLinear" &&
             code_pair_of(graph_, *use.node).has_value();
    });
  }

  void add_pair(const onnx::NodeProto& node) {
    const auto pair = code_pair_of(graph_, node);
    if (!pair || graph_.initializer(pair->quantize->input(1)) == nullptr) return;
    const Tensor scale = initializer_of(graph_, pair->quantize->input(1));
    if (scale.size() != 1) return;
    const std::size_t index = group_of(*pair, node, scale.at(0));
    pairs_.emplace_back(node.output(0), std::pair(pair->quantize->input(0), index));
    ActivationQuantizer& group = network_.activations_[index];
    if (!only_in_pairs(*pair)) {
      group.scale.set_requires_grad(false);
      group.offset.reset();
    }
    for (const onnx::NodeProto* half : {pair->quantize, &node}) {
      if (!scales_.emplace(half->input(1), group.scale).second) continue;
      group.scale_names.push_back(half->input(1));
      if (half->input_size() > 2) group.zero_point_names.push_back(half->input(2));
    }
  }

  // The group of a pair's tensor, made if it is the first.
  std::size_t group_of(const CodePair& pair, const onnx::NodeProto& node, double scale) {
    std::string tensor = pair.quantize->name();
    if (tensor.ends_with(kQuantizeSuffix)) tensor.resize(tensor.size() - kQuantizeSuffix.size());
    const auto known = activations_.find(tensor);
    const std::string key = known == activations_.end()
                                ? pair.quantize->input(1)
                                : "group " + std::to_string(known->second->group);
    const auto [place, is_new] = groups_.emplace(key, network_.activations_.size());
    if (!is_new) return place->second;
    const Learning learning = start_.task.options.learn_scales == 0 ? Learning::kNone
                              : known == activations_.end()         ? Learning::kScale
                                                                    : known->second->learning;
    ActivationQuantizer group;
    group.codes = pair.codes;
    const double zero_point =
        node.input_size() > 2 ? initializer_of(graph_, node.input(2)).at(0) : 0;
    const auto one = [&](double value) { return at::full({1}, value, at::device(start_.device)); };
    group.scale = learner(one(scale), start_.device).set_requires_grad(learning != Learning::kNone);
    group.fixed_zero_point = one(zero_point);
    group.farthest_code = farthest_from(zero_point, group.codes);
    if (learning == Learning::kScaleAndZeroPoint) {
      group.offset = learner(one(-zero_point * scale), start_.device);
    }
    network_.activations_.push_back(std::move(group));
    return place->second;
  }

  // The use that says what a stored tensor is.
  const Use* use_of(const onnx::NodeProto& node) const {
    if (!graph_.is_constant(node.input(0))) return nullptr;
    const auto uses = graph_.uses(node.output(0));
    return uses.empty() ? nullptr : &uses.front();
  }

  static std::optional<int> axis_of_params(const onnx::NodeProto& node, const Tensor& scale,
                                           std::size_t rank) {
    if (scale.shape().empty()) return std::nullopt;
    return static_cast<int>(
        axis_of(int_attribute(node, "axis", 1), static_cast<std::int64_t>(rank)));
  }

  // The float model's value under the same node.
  at::Tensor float_value(const Use& use, const Tensor& like) const {
    const onnx::NodeProto* node = float_graph_.node(use.node->name());
    const onnx::TensorProto* value =
        node == nullptr ? nullptr : float_graph_.initializer(input_or_empty(*node, use.input));
    if (value == nullptr || shape_of(*value) != like.shape()) return {};
    return to_torch(tensor_from_proto(*value));
  }

  void add_weight(const onnx::NodeProto& node) {
    const Use* use = use_of(node);
    if (use == nullptr) return;
    const auto inputs = weighted_inputs(use->node->op_type());
    if (!inputs || use->input != inputs->weight) return;
    const Tensor codes = initializer_of(graph_, node.input(0));
    const Tensor scale = initializer_of(graph_, node.input(1));
    WeightQuantizer weight;
    weight.output = node.output(0);
    weight.codes_name = node.input(0);
    weight.scale_name = node.input(1);
    weight.scheme = scheme_of(*use, codes.dtype());
    weight.axis = axis_of_params(node, scale, codes.shape().size());
    weight.zero_point.assign(scale.size(), 0);
    if (node.input_size() > 2) {
      const Tensor zero_point = initializer_of(graph_, node.input(2));
      for (std::size_t i = 0; i < scale.size(); ++i) {
        weight.zero_point[i] = static_cast<std::int32_t>(zero_point.at(i));
      }
    }
    const auto values = scale.as<float>();
    const QuantParams params{
        weight.scheme, {values.begin(), values.end()}, weight.zero_point, weight.axis};
    const at::Tensor known = float_value(*use, codes);
    const at::Tensor value = known.defined() ? known : to_torch(dequantize(codes, params));
    weight.latent = learner(start_within_code(value, to_torch(codes), params), start_.device);
    weight.scale = learner(to_torch(scale).reshape({-1}), start_.device)
                       .set_requires_grad(start_.task.options.learn_scales > 0);
    scales_.emplace(node.input(1), weight.scale);
    network_.weights_.push_back(std::move(weight));
  }

  Scheme scheme_of(const Use& use, DType dtype) const {
    Scheme scheme{dtype};
    const auto found = weights_.find(std::pair(use.node->name(), use.input));
    if (found != weights_.end()) {
      scheme.narrow_range = found->second->narrow_range;
      scheme.reduced_bits = found->second->reduced_bits;
    }
    return scheme;
  }

  // The trained scale of what a node reads; undefined if none is.
  at::Tensor scale_behind(const std::string& tensor) const {
    const onnx::NodeProto* node = graph_.producer(tensor);
    if (node == nullptr || node->op_type() != "DequantizeLinear") return {};
    const auto found = scales_.find(node->input(1));
    if (found != scales_.end()) return found->second;
    return to_torch(initializer_of(graph_, node->input(1))).reshape({-1}).to(start_.device);
  }

  void add_bias(const onnx::NodeProto& node) {
    const Use* use = use_of(node);
    if (use == nullptr) return;
    const auto inputs = weighted_inputs(use->node->op_type());
    if (!inputs || use->input != inputs->bias) return;
    const Tensor codes = initializer_of(graph_, node.input(0));
    const Tensor scale = initializer_of(graph_, node.input(1));
    BiasQuantizer bias;
    bias.activation_scale = scale_behind(use->node->input(inputs->activation));
    bias.weight_scale = scale_behind(use->node->input(inputs->weight));
    if (!bias.activation_scale.defined() || !bias.weight_scale.defined()) return;
    bias.output = node.output(0);
    bias.codes_name = node.input(0);
    bias.scale_name = node.input(1);
    bias.axis = axis_of_params(node, scale, codes.shape().size());
    const auto values = scale.as<float>();
    const QuantParams params{{DType::kInt32},
                             {values.begin(), values.end()},
                             std::vector<std::int32_t>(scale.size(), 0),
                             bias.axis};
    bias.latent = learner(to_torch(dequantize(codes, params)), start_.device);
    network_.biases_.push_back(std::move(bias));
  }

  // Weights and biases of layers that stay float learn too.
  void add_floats() {
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      const auto inputs = weighted_inputs(node.op_type());
      if (!inputs) continue;
      for (const int input : {inputs->weight, inputs->bias}) {
        const std::string name(input < 0 ? "" : input_or_empty(node, input));
        const onnx::TensorProto* value = graph_.initializer(name);
        if (value == nullptr || value->data_type() != onnx::TensorProto::FLOAT) continue;
        const auto [place, is_new] = options_.constants.emplace(name, at::Tensor());
        if (!is_new) continue;
        place->second = learner(to_torch(tensor_from_proto(*value)), start_.device);
        network_.floats_.emplace_back(name, place->second);
        const bool is_bias = input == inputs->bias;
        network_.parameters_.push_back(
            {name, is_bias ? ParameterKind::kBias : ParameterKind::kWeight, place->second});
      }
    }
  }

  void list_parameters() {
    auto& parameters = network_.parameters_;
    for (const WeightQuantizer& weight : network_.weights_) {
      parameters.push_back({weight.codes_name, ParameterKind::kWeight, weight.latent});
      add_scale(weight.scale_name, weight.scale);
    }
    for (const BiasQuantizer& bias : network_.biases_) {
      parameters.push_back({bias.codes_name, ParameterKind::kBias, bias.latent});
    }
    for (const ActivationQuantizer& activation : network_.activations_) {
      if (activation.scale_names.empty()) continue;
      add_scale(activation.scale_names.front(), activation.scale);
      if (activation.offset.defined()) {
        parameters.push_back(
            {activation.zero_point_names.front(), ParameterKind::kScale, activation.offset});
      }
    }
    for (const Parameter& parameter : parameters) {
      const bool is_scale = scale_parameters_.contains(parameter.name);
      network_.first_scales_.push_back(is_scale ? parameter.value.detach().clone() : at::Tensor());
    }
  }

  void add_scale(const std::string& name, const at::Tensor& scale) {
    if (!scale.requires_grad()) return;
    network_.parameters_.push_back({name, ParameterKind::kScale, scale});
    scale_parameters_.insert(name);
  }

  void add_replacements() {
    // By position, as the vectors are finished; `network` lives as long as what it runs.
    for (const auto& [output, source] : pairs_) {
      const ActivationQuantizer group = network_.activations_[source.second];
      options_.replacements[output] = {{source.first}, [group](const Values& inputs) -> Values {
                                         return {group.forward(inputs[0])};
                                       }};
    }
    for (const WeightQuantizer& weight : network_.weights_) {
      options_.replacements[weight.output] = {
          {}, [weight](const Values&) -> Values { return {weight.forward()}; }};
    }
    for (const BiasQuantizer& bias : network_.biases_) {
      options_.replacements[bias.output] = {
          {}, [bias](const Values&) -> Values { return {bias.forward()}; }};
    }
  }

  QuantizedNetwork& network_;
  const QuantizedStart& start_;
  Graph graph_;
  Graph float_graph_;
  NetworkOptions options_;
  std::map<std::pair<std::string, int>, const TrainedWeight*> weights_;
  std::map<std::string, const TrainedActivation*> activations_;
  std::map<std::string, std::size_t> groups_;
  std::map<std::string, at::Tensor> scales_;  // by initializer
  std::set<std::string> scale_parameters_;
  // What DequantizeLinear makes, of which float tensor, in which group.
  std::vector<std::pair<std::string, std::pair<std::string, std::size_t>>> pairs_;
};

QuantizedNetwork::QuantizedNetwork(const QuantizedStart& start,
                                   const std::vector<std::string>& outputs)
    : quantized_(start.quantized) {
  Builder(*this, start).build(outputs);
}

void QuantizedNetwork::settle() const {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!first_scales_[i].defined()) continue;
    at::Tensor scale = parameters_[i].value;
    scale.copy_(at::maximum(scale, first_scales_[i] * kSmallestShare));
  }
  for (const BiasQuantizer& bias : biases_) bias.keep_in_range();
}

double QuantizedNetwork::step_drift() const {
  const at::NoGradGuard no_gradients;
  // Added up where the scales are, and read back once.
  at::Tensor sum = at::zeros({}, at::device(parameters_.front().value.device()).dtype(at::kDouble));
  std::int64_t count = 0;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!first_scales_[i].defined()) continue;
    sum += at::log2(parameters_[i].value / first_scales_[i]).abs().sum();
    count += first_scales_[i].numel();
  }
  return count == 0 ? 0 : sum.item<double>() / static_cast<double>(count);
}

Model QuantizedNetwork::trained() const {
  Model model = quantized_;
  onnx::GraphProto& graph = *model.mutable_proto().mutable_graph();
  const Graph before(quantized_.proto().graph());
  const auto put = [&](const std::string& name, const Tensor& values) {
    const onnx::TensorProto& old = *before.initializer(name);
    const DTypeTraits& type = traits(dtype_from_onnx(old.data_type()));
    Tensor stored(type.dtype, shape_of(old));
    for (std::size_t i = 0; i < stored.size(); ++i) {
      type.encode(stored.mutable_bytes().data(), i, values.at(values.size() == 1 ? 0 : i));
    }
    replace_initializer(graph, name, stored);
  };
  for (const ActivationQuantizer& activation : activations_) {
    for (const auto& name : activation.scale_names) put(name, from_torch(activation.scale));
    for (const auto& name : activation.zero_point_names) {
      put(name, from_torch(activation.zero_point()));
    }
  }
  for (const WeightQuantizer& weight : weights_) {
    put(weight.scale_name, from_torch(weight.scale));
    replace_initializer(graph, weight.codes_name,
                        quantize(from_torch(weight.latent), weight.params()));
  }
  for (const BiasQuantizer& bias : biases_) {
    const Tensor scale = from_torch(bias.scale());
    const auto values = scale.as<float>();
    put(bias.scale_name, scale);
    replace_initializer(
        graph, bias.codes_name,
        quantize(from_torch(bias.latent), {{DType::kInt32},
                                           {values.begin(), values.end()},
                                           std::vector<std::int32_t>(values.size(), 0),
                                           bias.axis}));
  }
  for (const auto& [name, value] : floats_) replace_initializer(graph, name, from_torch(value));
  return model;
}

}  // namespace octavo
