//   before (opset 10)             after (opset 13)
//   y = Clip(x) {min=0, max=6}    y = Clip(x, y_min, y_max)      constants of their own
//
// Raises a model of opset 7 to 12 to the opset that the scheme needs, 13 at most by itself; newer
// models only change their number, since nothing that quantization meets changed its form after 13.
// Refuses, as Error(kUnsupported) with the node's name: a node whose meaning cannot be kept (a
// Dropout mask that is read, spatial=0), and operators inside If/Loop bodies that would have to
// change.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/attributes.h"
#include "octavo/error.h"
#include "prepare/edit.h"
#include "prepare/pass.h"

namespace octavo {
namespace {

constexpr int kLastFormChange = 13;

[[noreturn]] void refuse(const onnx::NodeProto& node, int opset, std::string_view why) {
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{}: cannot be raised from opset {}: {}", describe(node), opset, why));
}

// What an adapter may do: change its node, add constants, and put nodes before or after it.
struct Edit {
  onnx::GraphProto& graph;
  onnx::NodeProto& node;
  int from;
  std::vector<onnx::NodeProto> before;
  std::vector<onnx::NodeProto> after;
  const Graph& index;

  std::string constant(const Tensor& tensor, std::string_view role) const {
    return add_initializer(graph, tensor, fmt::format("{}_{}", node.output(0), role));
  }
  // Attribute `name` (a list of integers) becomes input `position`.
  void list_to_input(std::string_view name, int position) const {
    const std::vector<std::int64_t> values = ints_attribute(node, name);
    if (find_attribute(node, name) == nullptr) return;
    remove_attribute(node, name);
    while (node.input_size() <= position) node.add_input();
    const Shape shape = {static_cast<std::int64_t>(values.size())};
    node.set_input(position, constant(Tensor::of<std::int64_t>(shape, values), name));
  }
};

void clip(Edit& edit) {
  if (edit.from >= 11) return;
  for (const auto& [name, position] : {std::pair("min", 1), std::pair("max", 2)}) {
    const auto* attribute = find_attribute(edit.node, name);
    if (attribute == nullptr) continue;
    const float value = attribute->f();
    remove_attribute(edit.node, name);
    while (edit.node.input_size() <= position) edit.node.add_input();
    edit.node.set_input(position, edit.constant(Tensor::of<float>({}, std::span(&value, 1)), name));
  }
}

void pad(Edit& edit) {
  if (edit.from >= 11) return;
  const float value = float_attribute(edit.node, "value", 0);
  remove_attribute(edit.node, "value");
  edit.list_to_input("pads", 1);
  if (value == 0) return;
  edit.node.add_input(edit.constant(Tensor::of<float>({}, std::span(&value, 1)), "value"));
}

void slice(Edit& edit) {
  if (edit.from >= 10) return;
  edit.list_to_input("starts", 1);
  edit.list_to_input("ends", 2);
  edit.list_to_input("axes", 3);
}

void top_k(Edit& edit) {
  if (edit.from >= 10) return;
  const std::int64_t k = int_attribute(edit.node, "k", 1);
  remove_attribute(edit.node, "k");
  edit.node.add_input(edit.constant(Tensor::of<std::int64_t>({1}, std::span(&k, 1)), "k"));
}

void axes_to_input(Edit& edit) {
  if (edit.from < 13) edit.list_to_input("axes", 1);
}

void split(Edit& edit) {
  if (edit.from < 13) edit.list_to_input("split", 1);
}

void dropout(Edit& edit) {
  if (edit.from >= 12) return;
  if (edit.node.output_size() > 1 && !edit.index.uses(edit.node.output(1)).empty()) {
    refuse(edit.node, edit.from, "its mask is read");
  }
  remove_attribute(edit.node, "ratio");
}

void batch_normalization(Edit& edit) {
  if (edit.from >= 9) return;
  if (int_attribute(edit.node, "spatial", 1) != 1) refuse(edit.node, edit.from, "spatial is 0");
  remove_attribute(edit.node, "spatial");
}

// Before opset 13, everything from the axis on was one dimension: the same as the last axis alone
// where the axis is the last. Elsewhere the node works between a Flatten and a Reshape.
void softmax(Edit& edit) {
  if (edit.from >= 13) return;
  const std::int64_t axis = int_attribute(edit.node, "axis", 1);
  const onnx::ValueInfoProto* info = edit.index.value_info(edit.node.input(0));
  const bool rank_known = info != nullptr && info->type().tensor_type().has_shape();
  const int rank = rank_known ? info->type().tensor_type().shape().dim_size() : -1;
  set_attribute(edit.node, "axis", std::int64_t{-1});
  if (axis == -1 || (rank_known && axis == rank - 1)) return;
  const std::string input = edit.node.input(0);
  const std::string output = edit.node.output(0);
  const auto make = [&](std::string_view type, std::vector<std::string> inputs) {
    onnx::NodeProto made;
    made.set_op_type(std::string(type));
    made.set_name(fmt::format("{}/{}", edit.node.name(), type));
    for (std::string& name : inputs) made.add_input(std::move(name));
    made.add_output(fmt::format("{}_{}", output, type));
    return made;
  };
  onnx::NodeProto flatten = make("Flatten", {input});
  set_attribute(flatten, "axis", axis);
  onnx::NodeProto shape = make("Shape", {input});
  edit.node.set_input(0, flatten.output(0));
  edit.node.set_output(0, output + "_flat");
  onnx::NodeProto reshape = make("Reshape", {output + "_flat", shape.output(0)});
  reshape.set_output(0, output);
  edit.before = {std::move(flatten), std::move(shape)};
  edit.after = {std::move(reshape)};
}

// Upsample 7 to 9 and Resize 10 counted positions from the upper left corner, and rounded down.
void resize(Edit& edit) {
  if (edit.from >= 11) return;
  std::string scales = edit.node.input_size() > 1 ? edit.node.input(1) : "";
  if (const auto* attribute = find_attribute(edit.node, "scales")) {
    const std::vector<float> values(attribute->floats().begin(), attribute->floats().end());
    scales = edit.constant(Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values),
                           "scales");
    remove_attribute(edit.node, "scales");
  }
  edit.node.set_op_type("Resize");
  while (edit.node.input_size() < 3) edit.node.add_input();
  edit.node.set_input(1, "");
  edit.node.set_input(2, scales);
  set_attribute(edit.node, "coordinate_transformation_mode", std::string_view("asymmetric"));
  set_attribute(edit.node, "nearest_mode", std::string_view("floor"));
}

void scatter(Edit& edit) {
  if (edit.from < 11) edit.node.set_op_type("ScatterElements");
}

struct Adapter {
  std::string_view op_type;
  void (*adapt)(Edit& edit);
};

// Every operator of opset 7 to 12 whose form or meaning differs in 13, sorted.
constexpr std::array<Adapter, 16> kAdapters = {{
    {"BatchNormalization", batch_normalization},
    {"Clip", clip},
    {"Dropout", dropout},
    {"Hardmax", softmax},
    {"LogSoftmax", softmax},
    {"Pad", pad},
    {"ReduceSum", axes_to_input},
    {"Resize", resize},
    {"Scatter", scatter},
    {"Slice", slice},
    {"Softmax", softmax},
    {"Split", split},
    {"Squeeze", axes_to_input},
    {"TopK", top_k},
    {"Unsqueeze", axes_to_input},
    {"Upsample", resize},
}};

const Adapter* adapter_of(const onnx::NodeProto& node) {
  if (!in_default_domain(node)) return nullptr;
  const auto* found = std::find_if(kAdapters.begin(), kAdapters.end(), [&](const auto& adapter) {
    return adapter.op_type == node.op_type();
  });
  return found == kAdapters.end() ? nullptr : found;
}

void check_bodies(const onnx::NodeProto& node, int from) {
  for (const onnx::GraphProto* body : subgraphs(node)) {
    for (const onnx::NodeProto& inner : body->node()) {
      if (adapter_of(inner) != nullptr)
        refuse(inner, from, "it is inside the body of another node");
      check_bodies(inner, from);
    }
  }
}

void adapt_nodes(onnx::ModelProto& model, int from) {
  const onnx::GraphProto original = model.graph();
  const Graph index(original);
  onnx::GraphProto& graph = *model.mutable_graph();
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  nodes.Swap(graph.mutable_node());
  // add_initializer() looks for taken names among the nodes: it must see them.
  *graph.mutable_node() = original.node();
  google::protobuf::RepeatedPtrField<onnx::NodeProto> adapted;
  for (onnx::NodeProto& node : nodes) {
    check_bodies(node, from);
    const Adapter* adapter = adapter_of(node);
    Edit edit{graph, node, from, {}, {}, index};
    if (adapter != nullptr) adapter->adapt(edit);
    for (onnx::NodeProto& before : edit.before) *adapted.Add() = std::move(before);
    *adapted.Add() = std::move(node);
    for (onnx::NodeProto& after : edit.after) *adapted.Add() = std::move(after);
  }
  graph.mutable_node()->Swap(&adapted);
}

std::size_t run(onnx::ModelProto& model, PassContext& context) {
  onnx::OperatorSetIdProto* import = nullptr;
  for (auto& candidate : *model.mutable_opset_import()) {
    if (candidate.domain().empty() || candidate.domain() == "ai.onnx") import = &candidate;
  }
  const int from = import == nullptr ? 0 : static_cast<int>(import->version());
  if (import == nullptr || from >= context.opset) return 0;
  if (from < kLastFormChange) adapt_nodes(model, from);
  import->set_version(context.opset);
  constexpr std::int64_t kIrOfOpset13 = 7;
  model.set_ir_version(std::max<std::int64_t>(model.ir_version(), kIrOfOpset13));
  return 1;
}

}  // namespace

const Pass& raise_opset_pass() {
  static const Pass kPass = {"raise_opset", "raises the model to the opset that the scheme needs",
                             run};
  return kPass;
}

}  // namespace octavo
