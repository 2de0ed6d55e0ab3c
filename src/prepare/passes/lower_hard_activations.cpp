#include "prepare/passes/lower_hard_activations.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "model/name_pool.h"
#include "model/tensor_proto.h"
#include "prepare/constants.h"
#include "prepare/known_types.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

// Defaults of HardSigmoid (ONNX operator set 6).
constexpr float kAlpha = 0.2F;
constexpr float kBeta = 0.5F;

// Writes the nodes that take the place of one, naming everything after its output. The last node
// that is written gets the name of the old one.
class Builder {
 public:
  Builder(const onnx::NodeProto& node, DType dtype, NamePool& names, GraphEdits& edits)
      : node_(node), dtype_(dtype), names_(names), edits_(edits) {}

  std::string constant(double value, std::string_view what) {
    std::string name = new_name(what);
    edits_.set_initializer(tensor_to_proto(scalar_tensor(dtype_, value), name));
    return name;
  }

  std::string add(std::string_view op_type, std::vector<std::string> inputs,
                  std::string_view what) {
    const std::string name = new_name(what);
    append(op_type, std::move(inputs), name, name);
    return name;
  }

  std::vector<onnx::NodeProto> finish(std::string_view op_type, std::vector<std::string> inputs) {
    append(op_type, std::move(inputs), node_.name(), node_.output(0));
    return std::move(nodes_);
  }

 private:
  std::string new_name(std::string_view what) {
    return names_.take(node_.output(0) + "_" + std::string(what));
  }

  void append(std::string_view op_type, std::vector<std::string> inputs, const std::string& name,
              const std::string& output) {
    onnx::NodeProto& node = nodes_.emplace_back();
    node.set_op_type(std::string(op_type));
    node.set_name(name);
    for (std::string& input : inputs) node.add_input(std::move(input));
    node.add_output(output);
  }

  const onnx::NodeProto& node_;
  DType dtype_;
  NamePool& names_;
  GraphEdits& edits_;
  std::vector<onnx::NodeProto> nodes_;
};

std::vector<onnx::NodeProto> hard_sigmoid(const onnx::NodeProto& node, Builder builder) {
  const std::string alpha =
      builder.constant(static_cast<double>(float_attribute(node, "alpha", kAlpha)), "alpha");
  const std::string beta =
      builder.constant(static_cast<double>(float_attribute(node, "beta", kBeta)), "beta");
  const std::string scaled = builder.add("Mul", {node.input(0), alpha}, "scaled");
  const std::string shifted = builder.add("Add", {scaled, beta}, "shifted");
  return builder.finish("Clip", {shifted, builder.constant(0, "zero"), builder.constant(1, "one")});
}

std::vector<onnx::NodeProto> hard_swish(const onnx::NodeProto& node, Builder builder) {
  const std::string& input = node.input(0);
  const std::string shifted = builder.add("Add", {input, builder.constant(3, "three")}, "shifted");
  const std::string gate = builder.add(
      "Clip", {shifted, builder.constant(0, "zero"), builder.constant(6, "six")}, "gate");
  const std::string gated = builder.add("Mul", {input, gate}, "gated");
  return builder.finish("Mul", {gated, builder.constant(1.0 / 6, "sixth")});
}

}  // namespace

PassPlan plan_lower_hard_activations(const PassContext& context) {
  const KnownTypes types(context.graph);
  NamePool names(context.graph.proto());
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    const bool is_sigmoid = is_operator(node, "HardSigmoid", 1);
    if (!is_sigmoid && !is_operator(node, "HardSwish", 1)) continue;
    const auto dtype = types.dtype(node.input(0));
    if (!dtype) {
      plan.refused(node, "the element type of '" + node.input(0) + "' is not known");
      continue;
    }
    Builder builder(node, *dtype, names, plan.edits);
    plan.edits.replace(node, is_sigmoid ? hard_sigmoid(node, std::move(builder))
                                        : hard_swish(node, std::move(builder)));
    plan.changed(node, node.op_type() + " is arithmetic and a Clip now");
  }
  return plan;
}

}  // namespace octavo
