#include "repair/channel_shifts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "model/attributes.h"
#include "model/operators.h"
#include "placement/node_rules.h"
#include "prepare/operator_match.h"
#include "repair/channel_flow.h"

namespace octavo {
namespace {

// op(x - c) == op(x) - c for any c, each channel by itself.
constexpr std::array<std::string_view, 5> kPassing = {"Dropout", "GlobalAveragePool",
                                                      "GlobalMaxPool", "Identity", "MaxPool"};
constexpr std::array<std::string_view, 3> kCutting = {"Clip", "LeakyRelu", "Relu"};

template <typename Types>
bool is_one_of(const onnx::NodeProto& node, const Types& types) {
  return std::find(types.begin(), types.end(), node.op_type()) != types.end() &&
         is_operator(node, node.op_type(), 1);
}

// Why a layer that reads the channels cannot make up for what they are short of; empty: it can.
std::string why_not_read(const onnx::NodeProto& layer) {
  if (layer.op_type() == "ConvTranspose") {
    return fmt::format("{} reads some of its input less often at the border", describe(layer));
  }
  if (layer.op_type() == "Conv" && !pads_nothing(layer)) {
    return fmt::format("{} pads its input with zeros", describe(layer));
  }
  return "";
}

class ShiftTracker {
 public:
  ShiftTracker(const Graph& graph, Cuts cuts) : graph_(graph), cuts_(cuts), flow_(graph) {}

  ChannelShifts run() {
    for (const onnx::NodeProto& node : graph_.proto().node()) follow(node);
    for (const auto& output : graph_.proto().output())
      hold(output.name(), "they are an output of the model");
    return result();
  }

 private:
  void follow(const onnx::NodeProto& node) {
    if (is_linear_operator(node) && follow_layer(node)) return;
    if (auto passed = pass(node)) {
      flow_.set(node.output(0), std::move(*passed));
      return;
    }
    for (const std::string_view input : names_read(node)) {
      hold(input, fmt::format("{} cannot take moved channels", describe(node)));
    }
  }

  // MatMul has no bias to give to or to take from.
  bool follow_layer(const onnx::NodeProto& node) {
    auto found = as_linear_node(graph_, node);
    auto* layer = std::get_if<LinearNode>(&found);
    if (layer == nullptr || node.op_type() == "MatMul") return false;
    const std::string reason =
        flow_.reads_channels(*layer)
            ? why_not_read(node)
            : fmt::format("{} reads them along another axis", describe(node));
    if (!reason.empty()) hold(node.input(0), reason);
    TensorChannels output;
    output.axis = is_product(node) ? ChannelAxis::kLast : ChannelAxis::kSecond;
    for (std::size_t i = 0; i < layer->output_channels; ++i) {
      output.channels.push_back(sums_.size());
      sums_.push_back({writers_.size()});
      writers_.push_back({layers_.size(), i});
      reasons_.emplace_back();
    }
    flow_.set(node.output(0), std::move(output));
    layers_.push_back(std::move(*layer));
    return true;
  }

  std::optional<TensorChannels> pass(const onnx::NodeProto& node) {
    if (!has_operands(node, 1)) return std::nullopt;
    if (node.op_type() == "Add") return pass_add(node);
    if (ChannelFlow::rearranges(node)) return flow_.rearranged(node);
    const TensorChannels* input = flow_.find(node.input(0));
    if (input == nullptr) return std::nullopt;
    const bool cut = is_one_of(node, kCutting) && pass_cut(node, *input);
    if (!cut && !is_one_of(node, kPassing) && !averages_plainly(node)) return std::nullopt;
    TensorChannels result = *input;
    result.one_position = result.one_position || is_global_pool(node);
    return result;
  }

  bool pass_cut(const onnx::NodeProto& node, const TensorChannels& input) {
    if (cuts_ == Cuts::kObstacle) return false;
    for (int i = 1; i < node.input_size(); ++i) {
      if (!node.input(i).empty() && !graph_.is_constant(node.input(i))) return false;
    }
    const Range bounds = node.op_type() == "LeakyRelu"
                             ? Range{0, std::numeric_limits<double>::infinity()}
                             : clip_bounds(node, graph_);
    cut_inputs_.push_back({&node, input, bounds});
    return true;
  }

  std::optional<TensorChannels> pass_add(const onnx::NodeProto& node) {
    if (!is_operator(node, "Add", 2)) return std::nullopt;
    const TensorChannels* a = flow_.find(node.input(0));
    const TensorChannels* b = flow_.find(node.input(1));
    if (a == nullptr || b == nullptr || a->axis != b->axis ||
        a->channels.size() != b->channels.size() || a->one_position != b->one_position) {
      return std::nullopt;
    }
    TensorChannels result = *a;
    for (std::size_t i = 0; i < result.channels.size(); ++i) {
      ShiftSum sum = sums_[a->channels[i]];
      const ShiftSum& other = sums_[b->channels[i]];
      sum.insert(sum.end(), other.begin(), other.end());
      result.channels[i] = sums_.size();
      sums_.push_back(std::move(sum));
    }
    return result;
  }

  // Whatever adds up to the tensor's channels stays. The first reason counts.
  void hold(std::string_view tensor, const std::string& reason) {
    const TensorChannels* tracked = flow_.find(tensor);
    if (tracked == nullptr) return;
    for (const std::size_t channel : tracked->channels) {
      for (const std::size_t shift : sums_[channel]) {
        if (reasons_[shift].empty()) reasons_[shift] = reason;
      }
    }
  }

  // Without sums where no channel moves.
  ShiftedTensor moved(const std::string& name, const TensorChannels* tracked) const {
    ShiftedTensor result{name, 1, {}};
    if (tracked == nullptr) return result;
    result.axis = tracked->axis == ChannelAxis::kLast ? -1 : 1;
    bool any = false;
    for (const std::size_t channel : tracked->channels) {
      ShiftSum sum = sums_[channel];
      std::erase_if(sum, [&](std::size_t shift) { return !reasons_[shift].empty(); });
      any = any || !sum.empty();
      result.sums.push_back(std::move(sum));
    }
    if (!any) result.sums.clear();
    return result;
  }

  ChannelShifts result() {
    ChannelShifts shifts;
    for (const LinearNode& layer : layers_) {
      const std::string& input = layer.node->input(0);
      shifts.inputs.push_back(moved(input, flow_.find(input)));
    }
    for (const onnx::NodeProto& node : graph_.proto().node()) {
      for (const std::string& output : node.output()) {
        ShiftedTensor tensor = moved(output, flow_.find(output));
        if (!tensor.sums.empty()) shifts.tensors.push_back(std::move(tensor));
      }
    }
    for (const CutInput& cut : cut_inputs_) {
      ShiftedTensor tensor = moved(cut.node->input(0), &cut.channels);
      if (!tensor.sums.empty()) shifts.cuts.push_back({std::move(tensor), cut.bounds});
    }
    std::optional<std::size_t> told;
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      if (reasons_[i].empty() || told == writers_[i].layer) continue;
      told = writers_[i].layer;
      shifts.refusals.push_back(
          {layers_[*told].node->name(), fmt::format("its outputs are not moved: {}", reasons_[i])});
    }
    shifts.writers = std::move(writers_);
    shifts.layers = std::move(layers_);
    return shifts;
  }

  struct CutInput {
    const onnx::NodeProto* node;
    TensorChannels channels;
    Range bounds;
  };

  const Graph& graph_;
  Cuts cuts_;
  ChannelFlow flow_;
  std::vector<ShiftSum> sums_;  // by channel
  std::vector<LinearNode> layers_;
  std::vector<LayerChannel> writers_;  // by shift
  std::vector<std::string> reasons_;   // by shift: why it stays; empty: it may move
  std::vector<CutInput> cut_inputs_;
};

}  // namespace

ChannelShifts channel_shifts(const Graph& graph, Cuts cuts) {
  return ShiftTracker(graph, cuts).run();
}

}  // namespace octavo
