#include "prepare/passes/fold_pad.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/attributes.h"
#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

using Pads = std::vector<std::int64_t>;  // begins of every axis, then ends

bool pads_with_zeros(const Graph& graph, const onnx::NodeProto& node) {
  if (!is_operator(node, "Pad", 1)) return false;
  const std::string_view value = input_or_empty(node, 2);
  return string_attribute(node, "mode", "constant") == "constant" &&
         (value.empty() || constant_scalar(graph, value) == 0);
}

// The pads of all axes, where an axes input names some.
std::optional<Pads> pads_of_all_axes(const Graph& graph, const onnx::NodeProto& node,
                                     std::size_t rank) {
  const auto given = constant_ints(graph, input_or_empty(node, 1));
  if (!given) return std::nullopt;
  const std::string_view axes_name = input_or_empty(node, 3);
  if (axes_name.empty()) return given->size() == 2 * rank ? given : std::nullopt;
  const auto axes = constant_ints(graph, axes_name);
  if (!axes || given->size() != 2 * axes->size()) return std::nullopt;
  Pads pads(2 * rank);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::int64_t axis = (*axes)[i] + ((*axes)[i] < 0 ? static_cast<std::int64_t>(rank) : 0);
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) return std::nullopt;
    const auto at = static_cast<std::size_t>(axis);
    pads[at] = (*given)[i];
    pads[rank + at] = (*given)[axes->size() + i];
  }
  return pads;
}

// The pads of the spatial axes; none if others are padded or any is cut.
std::optional<Pads> spatial_pads(const Pads& all) {
  const std::size_t rank = all.size() / 2;
  const bool is_spatial = all[0] == 0 && all[1] == 0 && all[rank] == 0 && all[rank + 1] == 0 &&
                          std::all_of(all.begin(), all.end(), [](auto pad) { return pad >= 0; });
  if (!is_spatial) return std::nullopt;
  Pads spatial(all.begin() + 2, all.begin() + static_cast<std::ptrdiff_t>(rank));
  spatial.insert(spatial.end(), all.begin() + static_cast<std::ptrdiff_t>(rank) + 2, all.end());
  return spatial;
}

// The Conv with `pads` added; none if it cannot take them.
std::optional<onnx::NodeProto> padded(const onnx::NodeProto& conv, const std::string& input,
                                      const Pads& pads) {
  const std::string mode = string_attribute(conv, "auto_pad", "NOTSET");
  if (mode != "NOTSET" && mode != "VALID") return std::nullopt;
  Pads sum = mode == "NOTSET" ? ints_attribute(conv, "pads") : Pads();
  sum.resize(pads.size());
  std::transform(sum.begin(), sum.end(), pads.begin(), sum.begin(), std::plus<>());
  onnx::NodeProto node = conv;
  remove_attribute(node, "auto_pad");
  set_attribute(node, "pads", sum);
  node.set_input(0, input);
  return node;
}

bool only_convs_read(const Graph& graph, const std::string& tensor) {
  const auto uses = graph.uses(tensor);
  return !uses.empty() && !graph.is_output(tensor) && !graph.used_in_subgraph(tensor) &&
         std::all_of(uses.begin(), uses.end(), [](const Use& use) {
           return use.input == 0 && is_operator(*use.node, "Conv", 2);
         });
}

// The reason why the Pad must stay, or empty.
std::string fold_one(const Graph& graph, const onnx::NodeProto& pad, PassPlan& plan) {
  if (!only_convs_read(graph, pad.output(0))) {
    return "'" + pad.output(0) + "' is read by something other than Convs, or is an output";
  }
  std::vector<std::pair<const onnx::NodeProto*, onnx::NodeProto>> convs;
  for (const Use& use : graph.uses(pad.output(0))) {
    const auto* weights = graph.initializer(input_or_empty(*use.node, 1));
    if (weights == nullptr || weights->dims_size() < 3) return "the rank of the Conv is not known";
    const auto all = pads_of_all_axes(graph, pad, static_cast<std::size_t>(weights->dims_size()));
    if (!all) return "its pads are not constant";
    const auto spatial = spatial_pads(*all);
    if (!spatial) return "it pads the batch or the channels, or cuts";
    auto conv = padded(*use.node, pad.input(0), *spatial);
    if (!conv) return describe(*use.node) + " pads by itself (auto_pad)";
    convs.emplace_back(use.node, std::move(*conv));
  }
  for (auto& [old_conv, conv] : convs) plan.edits.replace(*old_conv, {std::move(conv)});
  plan.edits.remove(pad);
  plan.changed(pad, "folded into " + describe(*convs.front().first));
  return "";
}

}  // namespace

PassPlan plan_fold_pad(const PassContext& context) {
  PassPlan plan;
  for (const onnx::NodeProto& node : context.graph.proto().node()) {
    if (!pads_with_zeros(context.graph, node)) continue;
    if (const std::string reason = fold_one(context.graph, node, plan); !reason.empty()) {
      plan.refused(node, reason);
    }
  }
  return plan;
}

}  // namespace octavo
