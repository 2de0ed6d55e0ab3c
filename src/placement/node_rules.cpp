#include "placement/node_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "model/attributes.h"
#include "model/operators.h"
#include "model/scalar_operand.h"
#include "model/tensor_proto.h"

namespace octavo {
namespace {

constexpr double kUnbounded = std::numeric_limits<float>::max();

bool is_float32_constant(const Graph& graph, std::string_view tensor) {
  const onnx::TensorProto* initializer = graph.initializer(tensor);
  return graph.is_constant(tensor) && initializer->data_type() == onnx::TensorProto::FLOAT;
}

// [N], or [1, N] as Gemm allows; not the broadcast of one number, nor a matrix.
bool is_one_value_a_channel(const onnx::NodeProto& node, const Graph& graph, std::string_view bias,
                            std::string_view weight) {
  const onnx::TensorProto* weight_proto = graph.initializer(weight);
  if (weight_proto == nullptr) return false;
  const auto axis = output_channel_axis(node, weight_proto->dims_size());
  if (!axis) return true;  // per tensor: any bias will do
  const Shape shape = shape_of(*graph.initializer(bias));
  const std::int64_t channels = weight_proto->dims(*axis);
  return !shape.empty() && shape.back() == channels &&
         element_count(shape) == static_cast<std::size_t>(channels);
}

std::string weighted_refusal(const onnx::NodeProto& node, const OperatorRule& rule,
                             const Graph& graph) {
  const WeightedInputs inputs = weighted_inputs(node.op_type()).value_or(WeightedInputs{});
  const std::string_view activation = input_or_empty(node, inputs.activation);
  const std::string_view weight = input_or_empty(node, inputs.weight);
  const std::string_view bias = inputs.bias < 0 ? "" : input_or_empty(node, inputs.bias);
  if (graph.is_initializer(activation)) {
    return fmt::format("its activation input '{}' is a constant", activation);
  }
  if (graph.is_initializer(weight) && !is_float32_constant(graph, weight)) {
    return fmt::format("weight '{}' is not a float32 constant", weight);
  }
  if (!graph.is_initializer(weight) && !rule.activation_operands) {
    return fmt::format("weight '{}' is computed, not constant", weight);
  }
  if (!bias.empty() && !is_float32_constant(graph, bias)) {
    return fmt::format("bias '{}' is not a float32 constant", bias);
  }
  if (!bias.empty() && !is_one_value_a_channel(node, graph, bias, weight)) {
    return fmt::format("bias '{}' is not one value a channel", bias);
  }
  if (node.op_type() == "Gemm" &&
      (float_attribute(node, "alpha", 1) != 1 || float_attribute(node, "beta", 1) != 1)) {
    return "alpha or beta differs from 1";
  }
  return {};
}

std::string attribute_refusal(const onnx::NodeProto& node, const OperatorRule& rule) {
  for (const auto& [name, allowed] : rule.attributes) {
    const std::string value = string_attribute(node, name, "");
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
      return fmt::format("attribute {}='{}', the target handles: {}", name, value,
                         fmt::join(allowed, ", "));
    }
  }
  return {};
}

// Whole numbers or truth values: arithmetic on shapes, masks, indices. False where nobody says.
bool is_whole(const Graph& graph, const std::string& tensor) {
  const onnx::TensorProto* constant = graph.initializer(tensor);
  const onnx::ValueInfoProto* info = graph.value_info(tensor);
  int type = info == nullptr ? 0 : info->type().tensor_type().elem_type();
  if (constant != nullptr) type = constant->data_type();
  if (type == 0) {
    const onnx::NodeProto* maker = graph.producer(tensor);
    return maker != nullptr && in_default_domain(*maker) && makes_whole_numbers(maker->op_type());
  }
  const auto dtypes = all_dtypes();
  return type == onnx::TensorProto::BOOL ||
         std::any_of(dtypes.begin(), dtypes.end(), [&](const DTypeTraits& traits) {
           return to_onnx(traits.dtype) == type && traits.is_integer();
         });
}

constexpr std::string_view kWhole = "it computes on whole numbers, which need no codes";

std::string joined_refusal(const onnx::NodeProto& node, const Graph& graph) {
  for (const std::string& input : node.input()) {
    if (is_whole(graph, input)) return std::string(kWhole);
    if (graph.is_initializer(input) && !is_float32_constant(graph, input)) {
      return fmt::format("operand '{}' is not a float32 constant", input);
    }
    const onnx::ValueInfoProto* info = graph.value_info(input);
    const int type = info == nullptr ? 0 : info->type().tensor_type().elem_type();
    if (type != 0 && type != onnx::TensorProto::FLOAT) return "it does not compute in float32";
  }
  return {};
}

// The input that the target adds inside the weighted operator before it; -1: none.
int fused_operand(const onnx::NodeProto& node, const OperatorRule& rule, const Graph& graph) {
  if (rule.fused_operand == FusedOperand::kNone) return -1;
  for (int i = 0; i < node.input_size(); ++i) {
    const onnx::NodeProto* maker = graph.producer(node.input(i));
    if (maker == nullptr || !weighted_inputs(maker->op_type())) continue;
    if (graph.only_consumer(node.input(i)) == &node) return i;
  }
  return -1;
}

}  // namespace

std::string refusal(const onnx::NodeProto& node, const OperatorRule& rule, const Graph& graph) {
  if (!in_default_domain(node)) return fmt::format("domain '{}' is not ONNX's own", node.domain());
  if (std::string reason = attribute_refusal(node, rule); !reason.empty()) return reason;
  if (rule.role == OperatorRole::kWeighted) return weighted_refusal(node, rule, graph);
  if (rule.role == OperatorRole::kJoined) return joined_refusal(node, graph);
  if (node.input_size() == 0) return {};
  if (is_whole(graph, node.input(0))) return std::string(kWhole);
  if (graph.is_initializer(node.input(0))) {
    return fmt::format("it reads the constant '{}', and no activation", node.input(0));
  }
  return {};
}

std::string why_no_rule(const onnx::NodeProto& node, const Profile& profile, const Graph& graph) {
  if (!in_default_domain(node)) return fmt::format("domain '{}' is not ONNX's own", node.domain());
  const bool makes_floats = !makes_whole_numbers(node.op_type()) &&
                            (node.output_size() == 0 || !is_whole(graph, node.output(0)));
  if (!makes_floats) return std::string(kWhole);
  if (!profile.absorbs(node.op_type()) || node.input_size() == 0) {
    return fmt::format("{} has no integer form on {}", node.op_type(), profile.name);
  }
  return fmt::format(
      "{} runs on integers only where it ends an operator that makes codes, and '{}' "
      "is made in float",
      node.op_type(), node.input(0));
}

std::vector<int> activation_inputs(const onnx::NodeProto& node, const OperatorRule& rule,
                                   const Graph& graph) {
  if (rule.role == OperatorRole::kWeighted) {
    const WeightedInputs inputs = weighted_inputs(node.op_type()).value_or(WeightedInputs{});
    if (has_constant_weight(node, graph)) return {inputs.activation};
    return {inputs.activation, inputs.weight};
  }
  if (rule.role != OperatorRole::kJoined) return {kMovedInput};
  const int fused = fused_operand(node, rule, graph);
  std::vector<int> inputs;
  for (int i = 0; i < node.input_size(); ++i) {
    if (i != fused) inputs.push_back(i);
  }
  return inputs;
}

bool has_constant_weight(const onnx::NodeProto& node, const Graph& graph) {
  const auto inputs = weighted_inputs(node.op_type());
  return inputs && graph.is_initializer(input_or_empty(node, inputs->weight));
}

Range clip_bounds(const onnx::NodeProto& node, const Graph& graph) {
  if (node.op_type() == "Relu") return {0, kUnbounded};
  return {scalar_operand(node, graph, 1, -kUnbounded), scalar_operand(node, graph, 2, kUnbounded)};
}

bool is_absorbable(const onnx::NodeProto& node, const Profile& profile, const Graph& graph) {
  if (!in_default_domain(node) || !profile.absorbs(node.op_type())) return false;
  for (int i = 1; i < node.input_size(); ++i) {
    if (!node.input(i).empty() && !graph.is_constant(node.input(i))) return false;
  }
  if (node.op_type() != "Relu" && node.op_type() != "Clip") return true;
  const Range bounds = clip_bounds(node, graph);
  return bounds.min <= 0 && bounds.max >= 0;
}

}  // namespace octavo
