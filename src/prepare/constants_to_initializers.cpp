//   before              after
//   c = Constant{t}     initializer c
//
// Refuses constants that are no dense tensors of numbers (sparse ones, strings).
#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

std::optional<onnx::TensorProto> constant_value(const onnx::NodeProto& node) {
  if (const auto* value = find_attribute(node, "value")) return value->t();
  if (const auto* value = find_attribute(node, "value_float")) {
    const float number = value->f();
    return tensor_to_proto(Tensor::of<float>({}, std::span(&number, 1)), "");
  }
  if (const auto* value = find_attribute(node, "value_int")) {
    const std::int64_t number = value->i();
    return tensor_to_proto(Tensor::of<std::int64_t>({}, std::span(&number, 1)), "");
  }
  if (const auto* value = find_attribute(node, "value_floats")) {
    return tensor_to_proto(
        Tensor::of<float>({value->floats_size()},
                          std::span(value->floats().data(), value->floats_size())),
        "");
  }
  if (const auto* value = find_attribute(node, "value_ints")) {
    const std::vector<std::int64_t> numbers(value->ints().begin(), value->ints().end());
    return tensor_to_proto(Tensor::of<std::int64_t>({value->ints_size()}, numbers), "");
  }
  return std::nullopt;
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  onnx::GraphProto& graph = *model.mutable_graph();
  NodeSet converted;
  for (const onnx::NodeProto& node : graph.node()) {
    if (node.op_type() != "Constant" || !in_default_domain(node)) continue;
    auto value = constant_value(node);
    if (!value || value->data_type() == onnx::TensorProto::STRING) {
      context.refusals.push_back({node.name(), "not a dense tensor of numbers"});
      continue;
    }
    value->set_name(node.output(0));
    *graph.add_initializer() = *std::move(value);
    converted.insert(&node);
  }
  erase_nodes(graph, converted);
  return converted.size();
}

}  // namespace

const Pass& constants_to_initializers_pass() {
  static const Pass kPass = {"constants_to_initializers", "turns Constant nodes into initializers",
                             run};
  return kPass;
}

}  // namespace octavo
