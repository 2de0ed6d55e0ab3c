// Rules for attributes that became inputs.
#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "octavo/error.h"
#include "octavo/tensor.h"
#include "prepare/constants.h"
#include "prepare/opset_rules.h"

namespace octavo::rule {
namespace {

// Collects Constant nodes that feed `node`, and puts the node behind them.
class InputBuilder {
 public:
  InputBuilder(const AdapterContext& context, onnx::NodeProto node)
      : context_(context), node_(std::move(node)) {}

  void add(const Tensor& values, std::string_view what) {
    const std::string name = context_.names.take(fmt::format("{}_{}", node_.output(0), what));
    nodes_.push_back(constant_node(values, name));
    node_.add_input(name);
  }

  void add(std::span<const std::int64_t> values, std::string_view what) {
    add(Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values), what);
  }

  void add_absent() { node_.add_input(""); }

  // The attribute of that name as a list input, or an absent input.
  void move_ints(std::string_view attribute) {
    if (find_attribute(node_, attribute) == nullptr) return add_absent();
    const auto values = ints_attribute(node_, attribute);
    remove_attribute(node_, attribute);
    add(values, attribute);
  }

  // The attribute of that name as a scalar input of the type of input 0, or an absent input.
  void move_float(std::string_view attribute, std::string_view what) {
    const auto* found = find_attribute(node_, attribute);
    if (found == nullptr) return add_absent();
    const double value = static_cast<double>(found->f());
    remove_attribute(node_, attribute);
    add(scalar_tensor(input_dtype(), value), what);
  }

  // Nothing, if no attribute moved.
  Nodes finish() {
    if (nodes_.empty()) return {};
    while (node_.input_size() > 0 && node_.input(node_.input_size() - 1).empty()) {
      node_.mutable_input()->RemoveLast();
    }
    nodes_.push_back(std::move(node_));
    return std::move(nodes_);
  }

 private:
  DType input_dtype() const {
    if (const auto dtype = context_.types.dtype(node_.input(0))) return *dtype;
    throw Error(ErrorCode::kUnsupported,
                fmt::format("{}: cannot be written in a newer opset, because the element type of "
                            "its input '{}' is not known",
                            describe(node_), node_.input(0)));
  }

  const AdapterContext& context_;
  onnx::NodeProto node_;
  Nodes nodes_;
};

}  // namespace

Nodes axes_to_input(const AdapterContext& context, const onnx::NodeProto& node) {
  InputBuilder builder(context, node);
  builder.move_ints("axes");
  return builder.finish();
}

Nodes clip_bounds_to_inputs(const AdapterContext& context, const onnx::NodeProto& node) {
  InputBuilder builder(context, node);
  builder.move_float("min", "min");
  builder.move_float("max", "max");
  return builder.finish();
}

Nodes dft_axis_to_input(const AdapterContext& context, const onnx::NodeProto& node) {
  const std::int64_t axis = int_attribute(node, "axis", 1);
  onnx::NodeProto older = node;
  remove_attribute(older, "axis");
  if (older.input_size() < 2) older.add_input("");  // dft_length
  InputBuilder builder(context, std::move(older));
  builder.add(Tensor::of<std::int64_t>({}, std::span(&axis, 1)), "axis");
  return builder.finish();
}

Nodes k_to_input(const AdapterContext& context, const onnx::NodeProto& node) {
  const std::int64_t k = int_attribute(node, "k", 0);
  onnx::NodeProto older = node;
  remove_attribute(older, "k");
  InputBuilder builder(context, std::move(older));
  builder.add(std::span(&k, 1), "k");
  return builder.finish();
}

Nodes pads_to_inputs(const AdapterContext& context, const onnx::NodeProto& node) {
  onnx::NodeProto older = node;
  if (float_attribute(node, "value", 0) == 0) remove_attribute(older, "value");
  InputBuilder builder(context, std::move(older));
  builder.move_ints("pads");
  builder.move_float("value", "value");
  return builder.finish();
}

Nodes scales_to_input(const AdapterContext& context, const onnx::NodeProto& node) {
  const auto* attribute = find_attribute(node, "scales");
  if (attribute == nullptr) return refuse(context, node);
  const std::vector<float> scales(attribute->floats().begin(), attribute->floats().end());
  onnx::NodeProto older = node;
  remove_attribute(older, "scales");
  InputBuilder builder(context, std::move(older));
  builder.add(Tensor::of<float>({static_cast<std::int64_t>(scales.size())}, scales), "scales");
  return builder.finish();
}

Nodes slice_bounds_to_inputs(const AdapterContext& context, const onnx::NodeProto& node) {
  InputBuilder builder(context, node);
  builder.move_ints("starts");
  builder.move_ints("ends");
  builder.move_ints("axes");
  return builder.finish();
}

Nodes split_to_input(const AdapterContext& context, const onnx::NodeProto& node) {
  InputBuilder builder(context, node);
  builder.move_ints("split");
  return builder.finish();
}

}  // namespace octavo::rule
