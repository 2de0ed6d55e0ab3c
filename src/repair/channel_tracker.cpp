#include "repair/channel_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "model/attributes.h"
#include "model/operators.h"
#include "placement/node_rules.h"
#include "prepare/constants.h"
#include "prepare/operator_match.h"

namespace octavo {
namespace {

// op(s * x) == s * op(x) for a positive s, each channel by itself.
constexpr std::array<std::string_view, 8> kPassing = {
    "AveragePool", "Dropout",   "GlobalAveragePool", "GlobalMaxPool",
    "Identity",    "LeakyRelu", "MaxPool",           "Relu"};

bool is_passing(const onnx::NodeProto& node) {
  return std::find(kPassing.begin(), kPassing.end(), node.op_type()) != kPassing.end() &&
         is_operator(node, node.op_type(), 1);
}

}  // namespace

std::size_t ChannelSet::add() {
  parents_.push_back(parents_.size());
  reasons_.emplace_back();
  return parents_.size() - 1;
}

std::size_t ChannelSet::root(std::size_t channel) const {
  while (parents_[channel] != channel) {
    parents_[channel] = parents_[parents_[channel]];
    channel = parents_[channel];
  }
  return channel;
}

void ChannelSet::tie(std::size_t a, std::size_t b) {
  a = root(a);
  b = root(b);
  if (a == b) return;
  parents_[b] = a;
  if (reasons_[a].empty()) reasons_[a] = reasons_[b];
}

void ChannelSet::freeze(std::size_t channel, const std::string& reason) {
  std::string& known = reasons_[root(channel)];
  if (known.empty()) known = reason;
}

void ChannelTracker::run() {
  for (const onnx::NodeProto& node : graph_.proto().node()) follow(node);
  for (const auto& output : graph_.proto().output())
    freeze(output.name(), "they are an output of the model");
}

void ChannelTracker::freeze(std::string_view tensor, const std::string& reason) {
  const TensorChannels* tracked = find(tensor);
  if (tracked == nullptr) return;
  for (const std::size_t channel : tracked->channels) channels_.freeze(channel, reason);
}

void ChannelTracker::follow(const onnx::NodeProto& node) {
  if (is_linear_operator(node) && follow_layer(node)) return;
  std::optional<TensorChannels> passed = pass(node);
  if (passed) {
    flow_.set(node.output(0), std::move(*passed));
    return;
  }
  for (const std::string_view input : names_read(node)) {
    freeze(input, fmt::format("{} cannot take scaled channels", describe(node)));
  }
}

bool ChannelTracker::follow_layer(const onnx::NodeProto& node) {
  auto found = as_linear_node(graph_, node);
  auto* layer = std::get_if<LinearNode>(&found);
  // Shared weights would have to be scaled for all of their readers.
  if (layer == nullptr || graph_.only_consumer(node.input(1)) == nullptr) return false;
  const std::size_t index = layers_.size();
  if (flow_.reads_channels(*layer)) {
    const TensorChannels& input = *find(node.input(0));
    for (std::size_t i = 0; i < input.channels.size(); ++i) {
      readers_.push_back({input.channels[i], {index, i}});
    }
  } else {
    freeze(node.input(0), fmt::format("{} reads them along another axis", describe(node)));
  }
  TensorChannels output;
  output.axis = is_product(node) ? ChannelAxis::kLast : ChannelAxis::kSecond;
  for (std::size_t i = 0; i < layer->output_channels; ++i) {
    output.channels.push_back(channels_.add());
    writers_.push_back({output.channels.back(), {index, i}});
  }
  flow_.set(node.output(0), std::move(output));
  layers_.push_back(std::move(*layer));
  return true;
}

std::optional<TensorChannels> ChannelTracker::pass(const onnx::NodeProto& node) {
  if (!in_default_domain(node) || node.input_size() == 0 || node.output_size() == 0) {
    return std::nullopt;
  }
  const std::string& type = node.op_type();
  if (type == "Add") return pass_add(node);
  if (type == "Mul") return pass_multiply(node);
  if (type == "Pad") return pass_pad(node);
  if (ChannelFlow::rearranges(node)) return flow_.rearranged(node);
  const TensorChannels* input = find(node.input(0));
  if (input == nullptr) return std::nullopt;
  TensorChannels result = *input;
  if (is_dropped_bound(node)) {
    clips_.push_back(&node);
    return result;
  }
  if (!is_passing(node)) return std::nullopt;
  result.one_position = result.one_position || is_global_pool(node);
  return result;
}

bool ChannelTracker::is_dropped_bound(const onnx::NodeProto& node) const {
  if (bounds_ != UpperBounds::kPassed || node.op_type() != "Clip") return false;
  for (int i = 1; i < node.input_size(); ++i) {
    if (!node.input(i).empty() && !graph_.is_constant(node.input(i))) return false;
  }
  return clip_bounds(node, graph_).min == 0;
}

std::optional<TensorChannels> ChannelTracker::pass_add(const onnx::NodeProto& node) {
  if (node.input_size() != 2) return std::nullopt;
  const TensorChannels* a = find(node.input(0));
  const TensorChannels* b = find(node.input(1));
  if (a == nullptr || b == nullptr || a->axis != b->axis ||
      a->channels.size() != b->channels.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < a->channels.size(); ++i)
    channels_.tie(a->channels[i], b->channels[i]);
  TensorChannels result = *a;
  result.one_position = a->one_position && b->one_position;
  return result;
}

// By a factor that is not scaled itself: a gate, or a constant.
std::optional<TensorChannels> ChannelTracker::pass_multiply(const onnx::NodeProto& node) const {
  if (node.input_size() != 2) return std::nullopt;
  const TensorChannels* a = find(node.input(0));
  const TensorChannels* b = find(node.input(1));
  if ((a == nullptr) == (b == nullptr)) return std::nullopt;
  TensorChannels result = a != nullptr ? *a : *b;
  result.one_position = false;
  return result;
}

// With zeros or with what is there, and no new channels.
std::optional<TensorChannels> ChannelTracker::pass_pad(const onnx::NodeProto& node) const {
  const TensorChannels* input = find(node.input(0));
  const auto pads = constant_ints(graph_, input_or_empty(node, 1));
  if (input == nullptr || input->axis != ChannelAxis::kSecond || !pads || pads->size() < 4 ||
      !input_or_empty(node, 3).empty()) {
    return std::nullopt;
  }
  const std::string_view value = input_or_empty(node, 2);
  if (!value.empty() && constant_scalar(graph_, value) != 0.0) return std::nullopt;
  if ((*pads)[1] != 0 || (*pads)[pads->size() / 2 + 1] != 0) return std::nullopt;
  return TensorChannels{input->channels, ChannelAxis::kSecond, false};
}

}  // namespace octavo
