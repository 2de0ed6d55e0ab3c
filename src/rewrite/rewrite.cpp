#include "rewrite/rewrite.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "model/attributes.h"
#include "model/check.h"
#include "model/graph.h"
#include "model/name_pool.h"
#include "model/scalar_operand.h"
#include "model/tensor_proto.h"
#include "placement/node_rules.h"
#include "rewrite/redundant_activation.h"

namespace octavo {
namespace {

Tensor scale_tensor(const QuantParams& params) {
  const Shape shape = params.granularity() == Granularity::kPerChannel
                          ? Shape{static_cast<std::int64_t>(params.scale.size())}
                          : Shape{};
  return Tensor::of<float>(shape, params.scale);
}

Tensor zero_point_tensor(const QuantParams& params) {
  const DTypeTraits& type = traits(params.scheme.dtype);
  const Shape shape = params.granularity() == Granularity::kPerChannel
                          ? Shape{static_cast<std::int64_t>(params.zero_point.size())}
                          : Shape{};
  Tensor tensor(type.dtype, shape);
  for (std::size_t i = 0; i < params.zero_point.size(); ++i) {
    type.encode(tensor.mutable_bytes().data(), i, params.zero_point[i]);
  }
  return tensor;
}

Tensor code_tensor(std::int32_t code, DType dtype) {
  Tensor tensor(dtype, {});
  traits(dtype).encode(tensor.mutable_bytes().data(), 0, code);
  return tensor;
}

class Rewriter {
 public:
  Rewriter(const Model& model, const Plan& plan)
      : source_(model.proto().graph()), graph_(source_), names_(source_) {
    for (const PlannedActivation& activation : plan.activations) {
      activations_.emplace(activation.tensor, &activation);
    }
    for (const NodePlacement& node : plan.nodes) placements_.emplace(node.node, &node);
    for (const PlannedConstant& constant : plan.constants) {
      constants_.emplace(std::pair(std::string_view(constant.node), constant.input), &constant);
    }
    for (const PlannedBias& bias : plan.biases) {
      biases_.emplace(std::pair(std::string_view(bias.node), bias.input), &bias);
    }
    for (const FloatGuard& guard : plan.guards) guards_.emplace(guard.node, &guard);
  }

  onnx::GraphProto run() {
    drop_redundant_activations();
    for (const auto& input : source_.input()) emit_pair(input.name());
    for (const onnx::NodeProto& node : source_.node()) {
      if (!dropped_.contains(&node)) emit_node(node);
    }
    finish();
    return std::move(result_);
  }

 private:
  // The names of one activation's tensors in the result.
  struct Carrier {
    std::string codes;
    std::string dequantized;
  };

  Decision decision(const onnx::NodeProto& node) const {
    return placements_.at(node.name())->decision;
  }

  const PlannedActivation* planned(std::string_view tensor) const {
    const auto found = activations_.find(tensor);
    return found == activations_.end() ? nullptr : found->second;
  }

  const Carrier& carrier(const std::string& tensor) {
    const auto found = carriers_.find(tensor);
    if (found != carriers_.end()) return found->second;
    Carrier carrier{names_.take(tensor + "_quantized"),
                    graph_.is_output(tensor) ? tensor : names_.take(tensor + "_dequantized")};
    return carriers_.emplace(tensor, std::move(carrier)).first->second;
  }

  // From an absorbed activation back to what makes its input: that node's output takes the name of
  // the activation's, and the activation is gone.
  void drop_redundant_activations() {
    for (int i = source_.node_size() - 1; i >= 0; --i) {
      const onnx::NodeProto& node = source_.node(i);
      if (decision(node) != Decision::kAbsorbed) continue;
      const auto renamed = renamed_.find(node.output(0));
      const std::string& carried = renamed == renamed_.end() ? node.output(0) : renamed->second;
      const PlannedActivation* activation = planned(carried);
      if (activation == nullptr) continue;
      const QuantParams& params = activation->params;
      // Codes of a float type go as far below zero as above it: no Relu hides in them.
      if (!traits(params.scheme.dtype).is_integer()) continue;
      if (!is_redundant_before(clip_bounds(node, graph_),
                               {params.scale.front(), params.zero_point.front()},
                               code_range(params.scheme))) {
        continue;
      }
      renamed_.emplace(node.input(0), carried);
      dropped_.insert(&node);
    }
  }

  std::string store(const Tensor& tensor, const std::string& wanted_name) {
    std::string name = names_.take(wanted_name);
    *result_.add_initializer() = tensor_to_proto(tensor, name);
    return name;
  }

  onnx::NodeProto& add_node(std::string_view op_type, const std::string& wanted_name) {
    onnx::NodeProto& node = *result_.add_node();
    node.set_op_type(std::string(op_type));
    node.set_name(names_.take(wanted_name));
    return node;
  }

  // QuantizeLinear or DequantizeLinear with its scale and zero point, already stored.
  void add_linear(std::string_view op_type, const std::string& subject, const std::string& input,
                  const std::string& output, const QuantParams& params) {
    const auto& [scale, zero_point] = stored_params(subject, params);
    onnx::NodeProto& node = add_node(op_type, subject + "/" + std::string(op_type));
    node.add_input(input);
    node.add_input(scale);
    node.add_input(zero_point);
    node.add_output(output);
    if (params.axis) set_attribute(node, "axis", std::int64_t{*params.axis});
  }

  const std::pair<std::string, std::string>& stored_params(const std::string& subject,
                                                           const QuantParams& params) {
    const auto found = stored_params_.find(subject);
    if (found != stored_params_.end()) return found->second;
    std::string scale = store(scale_tensor(params), subject + "_scale");
    std::string zero_point = store(zero_point_tensor(params), subject + "_zero_point");
    return stored_params_.emplace(subject, std::pair(std::move(scale), std::move(zero_point)))
        .first->second;
  }

  // After whatever makes `tensor` in float.
  void emit_pair(const std::string& tensor) {
    const PlannedActivation* activation = planned(tensor);
    if (activation == nullptr) return;
    const Carrier& names = carrier(tensor);
    const bool clipped = activation->params.scheme.reduced_bits > 0;
    const std::string codes = clipped ? names_.take(tensor + "_unclipped") : names.codes;
    add_linear("QuantizeLinear", tensor, float_name(tensor), codes, activation->params);
    if (clipped) add_code_clip(tensor, codes, names.codes, activation->params.scheme);
    add_dequantize(tensor, *activation);
  }

  // Not where every reader has a guard, which brings its own.
  void add_dequantize(const std::string& tensor, const PlannedActivation& activation) {
    const std::span<const Use> uses = graph_.uses(tensor);
    const bool all_guarded = !uses.empty() && std::ranges::all_of(uses, [&](const Use& use) {
      return guards_.contains(use.node->name());
    });
    if (all_guarded && !graph_.is_output(tensor) && !graph_.used_in_subgraph(tensor)) return;
    const Carrier& names = carrier(tensor);
    add_linear("DequantizeLinear", tensor, names.codes, names.dequantized, activation.params);
  }

  // One for all readers with the same parameters.
  std::string add_guard(const FloatGuard& guard) {
    for (const auto& [params, dequantized] : emitted_guards_[guard.tensor]) {
      if (*params == guard.params) return dequantized;
    }
    const std::string dequantized = names_.take(guard.tensor + "_guarded");
    add_linear("DequantizeLinear", dequantized, carrier(guard.tensor).codes, dequantized,
               guard.params);
    emitted_guards_[guard.tensor].emplace_back(&guard.params, dequantized);
    return dequantized;
  }

  // QuantizeLinear saturates to its whole type; of fewer bits, the codes themselves are clipped.
  void add_code_clip(const std::string& subject, const std::string& input,
                     const std::string& output, const Scheme& scheme) {
    const CodeRange range = code_range(scheme);
    onnx::NodeProto& node = add_node("Clip", subject + "/Clip");
    node.add_input(input);
    node.add_input(store(code_tensor(range.min, scheme.dtype), subject + "_lowest_code"));
    node.add_input(store(code_tensor(range.max, scheme.dtype), subject + "_highest_code"));
    node.add_output(output);
  }

  // What the float side of `tensor` is called: its own name, unless a DequantizeLinear must take
  // that name because it is a graph output.
  std::string float_name(const std::string& tensor) {
    if (planned(tensor) == nullptr || !graph_.is_output(tensor)) return tensor;
    const auto found = float_names_.find(tensor);
    if (found != float_names_.end()) return found->second;
    return float_names_.emplace(tensor, names_.take(tensor + "_float")).first->second;
  }

  void emit_node(const onnx::NodeProto& node) {
    const bool on_codes = runs_on_codes(node);
    onnx::NodeProto copy = node;
    for (int i = 0; i < node.input_size(); ++i) {
      if (!node.input(i).empty()) copy.set_input(i, input_name(node, i, on_codes));
    }
    for (int i = 0; i < node.output_size(); ++i) {
      const auto renamed = renamed_.find(node.output(i));
      const std::string& tensor = renamed == renamed_.end() ? node.output(i) : renamed->second;
      copy.set_output(i, on_codes ? carrier(tensor).codes : float_name(tensor));
    }
    if (on_codes && node.op_type() == "Pad") adapt_pad_value(node, copy);
    *result_.add_node() = std::move(copy);
    for (const std::string& output : node.output()) {
      const auto renamed = renamed_.find(output);
      const std::string& tensor = renamed == renamed_.end() ? output : renamed->second;
      if (!on_codes) {
        emit_pair(tensor);
      } else if (const PlannedActivation* activation = planned(tensor)) {
        add_dequantize(tensor, *activation);
      }
    }
  }

  // Runtimes fold Q/DQ around most operators that move values, but not around all: a target says of
  // which it wants them between the codes themselves.
  bool runs_on_codes(const onnx::NodeProto& node) const {
    return placements_.at(node.name())->role == OperatorRole::kIntegerPassThrough &&
           planned(node.input(0)) != nullptr && planned(node.output(0)) != nullptr;
  }

  // Pad's fill value in codes; real zero is the zero point.
  void adapt_pad_value(const onnx::NodeProto& node, onnx::NodeProto& copy) {
    const PlannedActivation& activation = *planned(node.input(0));
    const QuantParams& params = activation.params;
    const double real = scalar_operand(node, graph_, 2, 0);
    const std::int32_t code =
        quantize(static_cast<float>(real), {params.scale[0], params.zero_point[0]},
                 code_range(params.scheme));
    while (copy.input_size() < 3) copy.add_input();
    copy.set_input(2,
                   store(code_tensor(code, params.scheme.dtype), node.name() + "_value_quantized"));
  }

  std::string input_name(const onnx::NodeProto& node, int index, bool on_codes) {
    const std::pair key(std::string_view(node.name()), index);
    if (const auto found = constants_.find(key); found != constants_.end()) {
      return emit_constant(*found->second);
    }
    if (const auto found = biases_.find(key); found != biases_.end()) {
      return emit_bias(*found->second);
    }
    const std::string& tensor = node.input(index);
    const PlannedActivation* activation = planned(tensor);
    if (activation == nullptr) return tensor;
    if (on_codes) return index == 0 ? carrier(tensor).codes : tensor;
    if (const auto guard = guards_.find(node.name()); guard != guards_.end() && index == 0) {
      return add_guard(*guard->second);
    }
    const bool reads_codes =
        decision(node) == Decision::kQuantized || activation->float_form == FloatForm::kNone;
    return reads_codes ? carrier(tensor).dequantized : float_name(tensor);
  }

  // One DequantizeLinear for each set of parameters that a constant is used with.
  std::string emit_constant(const PlannedConstant& constant) {
    for (const auto& [params, dequantized] : emitted_constants_[constant.tensor]) {
      if (*params == constant.params) return dequantized;
    }
    std::string dequantized = emit_stored(constant.tensor, constant.params);
    emitted_constants_[constant.tensor].emplace_back(&constant.params, dequantized);
    return dequantized;
  }

  std::string emit_bias(const PlannedBias& bias) { return emit_stored(bias.tensor, bias.params); }

  std::string emit_stored(const std::string& tensor, const QuantParams& params) {
    const Tensor values = tensor_from_proto(*graph_.initializer(tensor));
    const std::string codes = store(quantize(values, params), tensor + "_quantized");
    const std::string dequantized = names_.take(tensor + "_dequantized");
    add_linear("DequantizeLinear", codes, codes, dequantized, params);
    return dequantized;
  }

  // Inputs, outputs, and those initializers and declarations that still mean something.
  void finish() {
    result_.set_name(source_.name());
    result_.set_doc_string(source_.doc_string());
    *result_.mutable_input() = source_.input();
    *result_.mutable_output() = source_.output();
    const Graph after(result_);
    std::vector<const onnx::TensorProto*> kept;
    for (const onnx::TensorProto& tensor : source_.initializer()) {
      const std::string& name = tensor.name();
      const bool used = !after.uses(name).empty() || after.used_in_subgraph(name) ||
                        after.is_output(name) || after.is_input(name);
      if (used) kept.push_back(&tensor);
    }
    std::vector<const onnx::ValueInfoProto*> declared;
    for (const onnx::ValueInfoProto& info : source_.value_info()) {
      if (after.producer(info.name()) != nullptr) declared.push_back(&info);
    }
    for (const onnx::TensorProto* tensor : kept) *result_.add_initializer() = *tensor;
    for (const onnx::ValueInfoProto* info : declared) *result_.add_value_info() = *info;
  }

  const onnx::GraphProto& source_;
  const Graph graph_;
  NamePool names_;
  onnx::GraphProto result_;
  std::unordered_map<std::string_view, const PlannedActivation*> activations_;
  std::unordered_map<std::string_view, const NodePlacement*> placements_;
  std::map<std::pair<std::string_view, int>, const PlannedConstant*> constants_;
  std::map<std::pair<std::string_view, int>, const PlannedBias*> biases_;
  std::unordered_map<std::string_view, const FloatGuard*> guards_;  // by node
  std::unordered_set<const onnx::NodeProto*> dropped_;
  std::unordered_map<std::string, std::string> renamed_;  // output of a node -> name it gets
  std::unordered_map<std::string, Carrier> carriers_;
  std::unordered_map<std::string, std::string> float_names_;
  std::unordered_map<std::string, std::pair<std::string, std::string>> stored_params_;
  std::unordered_map<std::string, std::vector<std::pair<const QuantParams*, std::string>>>
      emitted_constants_;
  std::unordered_map<std::string, std::vector<std::pair<const QuantParams*, std::string>>>
      emitted_guards_;
};

}  // namespace

Model rewrite(const Model& model, const Plan& plan) {
  assert(model.opset() >= plan.opset);
  onnx::ModelProto proto;
  const onnx::ModelProto& source = model.proto();
  proto.set_ir_version(source.ir_version());
  proto.set_producer_name("octavo");
  proto.set_domain(source.domain());
  proto.set_model_version(source.model_version());
  proto.set_doc_string(source.doc_string());
  *proto.mutable_opset_import() = source.opset_import();
  *proto.mutable_metadata_props() = source.metadata_props();
  *proto.mutable_functions() = source.functions();
  *proto.mutable_graph() = Rewriter(model, plan).run();
  Model result(std::move(proto));
  check_model(result, "rewrite");
  return result;
}

}  // namespace octavo
