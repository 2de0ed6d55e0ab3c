#include "repair/channel_flow.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "model/attributes.h"
#include "model/operators.h"
#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {

bool is_global_pool(const onnx::NodeProto& node) {
  return node.op_type() == "GlobalAveragePool" || node.op_type() == "GlobalMaxPool";
}

bool averages_plainly(const onnx::NodeProto& node) {
  return is_operator(node, "AveragePool", 1) &&
         (pads_nothing(node) || int_attribute(node, "count_include_pad", 0) == 0);
}

const TensorChannels* ChannelFlow::find(std::string_view tensor) const {
  const auto found = tensors_.find(tensor);
  return found == tensors_.end() ? nullptr : &found->second;
}

void ChannelFlow::set(std::string_view tensor, TensorChannels channels) {
  tensors_[tensor] = std::move(channels);
}

bool ChannelFlow::rearranges(const onnx::NodeProto& node) {
  constexpr std::array<std::string_view, 6> kTypes = {"Concat",  "Flatten", "ReduceMean",
                                                      "Reshape", "Squeeze", "Transpose"};
  return std::find(kTypes.begin(), kTypes.end(), node.op_type()) != kTypes.end();
}

std::optional<TensorChannels> ChannelFlow::rearranged(const onnx::NodeProto& node) const {
  if (!has_operands(node, 1)) return std::nullopt;
  const std::string& type = node.op_type();
  if (type == "Concat") return concat(node);
  if (type == "ReduceMean") return mean(node);
  if (type == "Transpose") return transpose(node);
  return reshape(node);
}

bool ChannelFlow::reads_channels(const LinearNode& layer) const {
  const TensorChannels* input = find(layer.node->input(0));
  const ChannelAxis axis = is_product(*layer.node) ? ChannelAxis::kLast : ChannelAxis::kSecond;
  return input != nullptr && input->axis == axis &&
         input->channels.size() == layer.input_channels &&
         int_attribute(*layer.node, "transA", 0) == 0;
}

std::optional<TensorChannels> ChannelFlow::concat(const onnx::NodeProto& node) const {
  TensorChannels result;
  if (int_attribute(node, "axis", 0) != 1) return std::nullopt;
  for (const std::string& name : node.input()) {
    const TensorChannels* input = find(name);
    if (input == nullptr || input->axis != ChannelAxis::kSecond) return std::nullopt;
    result.channels.insert(result.channels.end(), input->channels.begin(), input->channels.end());
  }
  return result;
}

// From [N, C, 1, 1] to [N, C].
std::optional<TensorChannels> ChannelFlow::reshape(const onnx::NodeProto& node) const {
  const TensorChannels* input = find(node.input(0));
  if (input == nullptr || !input->one_position) return std::nullopt;
  if (node.op_type() == "Flatten" && int_attribute(node, "axis", 1) != 1) return std::nullopt;
  if (node.op_type() == "Reshape") {
    const auto shape = constant_ints(graph_, input_or_empty(node, 1));
    if (!shape || shape->size() != 2) return std::nullopt;
  }
  return TensorChannels{input->channels, ChannelAxis::kLast, false};
}

// Over positions.
std::optional<TensorChannels> ChannelFlow::mean(const onnx::NodeProto& node) const {
  const TensorChannels* input = find(node.input(0));
  const auto axes = constant_axes(graph_, node);
  if (!axes) return std::nullopt;
  const bool over_positions =
      *axes == std::vector<std::int64_t>{2, 3} || *axes == std::vector<std::int64_t>{-2, -1};
  if (input == nullptr || input->axis != ChannelAxis::kSecond || !over_positions) {
    return std::nullopt;
  }
  if (int_attribute(node, "keepdims", 1) == 0) {
    return TensorChannels{input->channels, ChannelAxis::kLast, false};
  }
  return TensorChannels{input->channels, ChannelAxis::kSecond, true};
}

std::optional<TensorChannels> ChannelFlow::transpose(const onnx::NodeProto& node) const {
  const TensorChannels* input = find(node.input(0));
  if (input == nullptr) return std::nullopt;
  const std::vector<std::int64_t> permutation = ints_attribute(node, "perm");
  const auto count = static_cast<std::int64_t>(permutation.size());
  if (count < 3) return std::nullopt;
  const std::int64_t from = input->axis == ChannelAxis::kSecond ? 1 : count - 1;
  if (permutation[1] == from) return TensorChannels{input->channels, ChannelAxis::kSecond, false};
  if (permutation.back() == from) return TensorChannels{input->channels, ChannelAxis::kLast, false};
  return std::nullopt;
}

}  // namespace octavo
