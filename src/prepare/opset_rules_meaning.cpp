// Rules for operators that changed their meaning, their name, or lost a feature.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "model/attributes.h"
#include "octavo/error.h"
#include "octavo/tensor.h"
#include "prepare/constants.h"
#include "prepare/opset_rules.h"

namespace octavo::rule {
namespace {

[[noreturn]] void throw_unsupported(const onnx::NodeProto& node, std::string_view what) {
  throw Error(ErrorCode::kUnsupported,
              fmt::format("{}: cannot be written in a newer opset: {}", describe(node), what));
}

void refuse_outputs_from(const onnx::NodeProto& node, int first, std::string_view what) {
  for (int i = first; i < node.output_size(); ++i) {
    if (!node.output(i).empty()) throw_unsupported(node, what);
  }
}

// Is every dimension behind `axis` known to be 1?
bool is_alone(const Shape& shape, std::int64_t axis) {
  return axis >= 0 && axis < static_cast<std::int64_t>(shape.size()) &&
         std::all_of(shape.begin() + axis + 1, shape.end(), [](auto size) { return size == 1; });
}

onnx::NodeProto make_node(std::string_view op_type, std::vector<std::string> inputs,
                          const std::string& output) {
  onnx::NodeProto node;
  node.set_op_type(std::string(op_type));
  node.set_name(output);
  for (std::string& input : inputs) node.add_input(std::move(input));
  node.add_output(output);
  return node;
}

// Flatten to a matrix at `axis`, the operator on its rows, and back to the input's shape.
Nodes by_rows(const AdapterContext& context, onnx::NodeProto node, std::int64_t axis) {
  const std::string input = node.input(0);
  const std::string output = node.output(0);
  const auto name = [&](std::string_view what) {
    return context.names.take(fmt::format("{}_{}", output, what));
  };
  const std::string shape = name("shape");
  const std::string flat = name("flat");
  const std::string rows = name("rows");
  Nodes nodes = {make_node("Shape", {input}, shape), make_node("Flatten", {input}, flat)};
  set_attribute(nodes.back(), "axis", axis);
  node.set_input(0, flat);
  node.set_output(0, rows);
  set_attribute(node, "axis", std::int64_t{-1});
  nodes.push_back(std::move(node));
  nodes.push_back(make_node("Reshape", {rows, shape}, output));
  nodes.back().set_name(name("reshape"));
  return nodes;
}

// Before opset 11, Resize rounded the coordinate of a nearest neighbour down, and up where an axis
// shrinks (as ONNX Runtime does; the operator's text leaves it open).
std::string_view nearest_mode(const AdapterContext& context, const onnx::NodeProto& node) {
  const auto scales = constant_values(context.graph, input_or_empty(node, 1));
  const bool shrinks =
      scales && std::any_of(scales->begin(), scales->end(), [](double scale) { return scale < 1; });
  return shrinks ? "ceil" : "floor";
}

}  // namespace

Nodes refuse(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  throw_unsupported(node, "the operator changed and has no equivalent");
}

Nodes count_split_outputs(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  if (!input_or_empty(node, 1).empty()) return {};
  onnx::NodeProto newer = node;
  set_attribute(newer, "num_outputs", static_cast<std::int64_t>(node.output_size()));
  return {std::move(newer)};
}

Nodes drop_batch_statistics(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  refuse_outputs_from(node, 1, "it is in training mode");
  return {};
}

Nodes drop_ratio(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  if (find_attribute(node, "ratio") == nullptr) return {};
  onnx::NodeProto newer = node;
  remove_attribute(newer, "ratio");  // of no effect outside training
  return {std::move(newer)};
}

Nodes drop_spatial(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  if (find_attribute(node, "spatial") == nullptr) return {};
  if (int_attribute(node, "spatial", 1) == 0) throw_unsupported(node, "it has spatial = 0");
  onnx::NodeProto newer = node;
  remove_attribute(newer, "spatial");
  return {std::move(newer)};
}

Nodes refuse_float_mask(const AdapterContext& context, const onnx::NodeProto& node) {
  for (int i = 1; i < node.output_size(); ++i) {
    const std::string& mask = node.output(i);
    const bool is_read = !context.graph.uses(mask).empty() || context.graph.is_output(mask) ||
                         context.graph.used_in_subgraph(mask);
    if (is_read) throw_unsupported(node, "its mask, once of float, is read");
  }
  return {};
}

Nodes refuse_half_pixel_for_nearest(const AdapterContext& /*context*/,
                                    const onnx::NodeProto& node) {
  if (string_attribute(node, "coordinate_transformation_mode", "") == "tf_half_pixel_for_nn") {
    throw_unsupported(node, "it has coordinate_transformation_mode = tf_half_pixel_for_nn");
  }
  return {};
}

Nodes rename_grid_sample_mode(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  const std::string mode = string_attribute(node, "mode", "");
  if (mode != "bilinear" && mode != "bicubic") return {};
  onnx::NodeProto newer = node;
  set_attribute(newer, "mode", std::string_view(mode).substr(2));  // "linear", "cubic"
  return {std::move(newer)};
}

Nodes resize_with_explicit_coordinates(const AdapterContext& context, const onnx::NodeProto& node) {
  onnx::NodeProto newer = node;
  if (string_attribute(node, "mode", "nearest") == "nearest") {
    set_attribute(newer, "nearest_mode", nearest_mode(context, node));
  }
  set_attribute(newer, "coordinate_transformation_mode", std::string_view("asymmetric"));
  newer.clear_input();
  newer.add_input(node.input(0));
  newer.add_input("");  // region of interest
  newer.add_input(std::string(input_or_empty(node, 1)));
  return {std::move(newer)};
}

Nodes roi_align_with_explicit_coordinates(const AdapterContext& /*context*/,
                                          const onnx::NodeProto& node) {
  if (find_attribute(node, "coordinate_transformation_mode") != nullptr) return {};
  onnx::NodeProto newer = node;
  set_attribute(newer, "coordinate_transformation_mode", std::string_view("output_half_pixel"));
  return {std::move(newer)};
}

Nodes scatter_to_scatter_elements(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  onnx::NodeProto newer = node;
  newer.set_op_type("ScatterElements");
  return {std::move(newer)};
}

Nodes single_axis(const AdapterContext& context, const onnx::NodeProto& node) {
  const std::int64_t axis = int_attribute(node, "axis", 1);
  const auto shape = context.types.shape(node.input(0));
  if (axis == -1 || (shape && axis + 1 == static_cast<std::int64_t>(shape->size()))) {
    onnx::NodeProto newer = node;
    set_attribute(newer, "axis", std::int64_t{-1});
    return {std::move(newer)};
  }
  if (!shape || !is_alone(*shape, axis)) return by_rows(context, node, axis);
  onnx::NodeProto newer = node;
  set_attribute(newer, "axis", axis);
  return {std::move(newer)};
}

Nodes upsample_to_resize(const AdapterContext& /*context*/, const onnx::NodeProto& node) {
  onnx::NodeProto newer = node;
  newer.set_op_type("Resize");
  return {std::move(newer)};
}

}  // namespace octavo::rule
