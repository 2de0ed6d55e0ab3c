#include "report/weight_report.h"

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <string_view>

#include "core/channel_layout.h"
#include "model/graph.h"
#include "model/operators.h"
#include "model/tensor_proto.h"
#include "search/local_error.h"

namespace octavo {
namespace {

FiveNumbers five_numbers(std::vector<float>& values) {
  FiveNumbers summary = {};
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < summary.size(); ++i) {
    summary[i] = values[i * (values.size() - 1) / (summary.size() - 1)];
  }
  return summary;
}

float width(const FiveNumbers& channel) {
  return std::max(std::abs(channel.front()), std::abs(channel.back()));
}

// Channel numbers, ascending.
std::vector<std::size_t> shown_channels(const std::vector<FiveNumbers>& channels) {
  std::vector<std::size_t> order(channels.size());
  std::iota(order.begin(), order.end(), 0);
  if (channels.size() <= kShownChannels) return order;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return width(channels[a]) < width(channels[b]);
  });
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < kShownChannels; ++i) {
    shown.push_back(order[i * (order.size() - 1) / (kShownChannels - 1)]);
  }
  std::sort(shown.begin(), shown.end());
  return shown;
}

Json boxes_json(const std::vector<FiveNumbers>& channels, const std::vector<std::size_t>& shown) {
  constexpr int kDigits = 3;
  Json list = Json::array();
  for (const std::size_t channel : shown) {
    Json box = Json::array();
    for (const float value : channels[channel]) box.push_back(json_number(value, kDigits));
    list.push_back(std::move(box));
  }
  return list;
}

// The weight that the same node reads in `other`, if it differs.
std::optional<Tensor> weight_in(const Graph& other, const PlannedConstant& constant,
                                const Tensor& now) {
  const onnx::NodeProto* node = other.node(constant.node);
  if (node == nullptr) return std::nullopt;
  const onnx::TensorProto* stored = other.initializer(input_or_empty(*node, constant.input));
  if (stored == nullptr) return std::nullopt;
  Tensor before = tensor_from_proto(*stored);
  if (before.dtype() != now.dtype() || before.shape() != now.shape()) return std::nullopt;
  if (std::ranges::equal(before.as<float>(), now.as<float>())) return std::nullopt;
  return before;
}

Json scales_json(const QuantParams& params) {
  const auto [low, high] = std::minmax_element(params.scale.begin(), params.scale.end());
  return {{"count", params.scale.size()},
          {"smallest", json_number(*low, 6)},
          {"largest", json_number(*high, 6)}};
}

// What a model was at one stage.
struct Stage {
  std::string_view changed_by;  // what came after it
  const Graph& graph;
};

Json weight_json(const PlannedConstant& constant, const Graph& graph,
                 std::initializer_list<Stage> before) {
  const Tensor weight = tensor_from_proto(*graph.initializer(constant.tensor));
  const onnx::NodeProto& node = *graph.node(constant.node);
  const auto channel_axis = output_channel_axis(node, static_cast<int>(weight.shape().size()));
  const QuantizerError error = weight_error(weight, constant.params, channel_axis);
  const DTypeTraits& type = traits(constant.params.scheme.dtype);
  Json json = {{"name", constant.tensor},
               {"node", constant.node},
               {"dtype", type.name},
               {"bits", type.bits},
               {"shape", weight.shape()},
               {"scales", scales_json(constant.params)},
               {"zero_point", constant.params.zero_point.front()},
               {"seen", json_range(error.seen)},
               {"sqnr_db", json_number(error.sqnr_db)},
               {"clipped_share", json_number(error.clipped_share)},
               {"unevenness", json_number(error.unevenness)}};
  const std::vector<FiveNumbers> channels = channel_summaries(weight, channel_axis);
  const std::vector<std::size_t> shown = shown_channels(channels);
  json["channels"] = channels.size();
  json["shown"] = shown;
  json["boxes"] = boxes_json(channels, shown);
  for (const Stage& stage : before) {
    const auto earlier = weight_in(stage.graph, constant, weight);
    if (!earlier) continue;
    json["before"] = stage.changed_by;
    json["boxes_before"] = boxes_json(channel_summaries(*earlier, channel_axis), shown);
    break;
  }
  return json;
}

}  // namespace

std::vector<FiveNumbers> channel_summaries(const Tensor& weight, std::optional<int> axis) {
  const auto values = weight.as<float>();
  std::size_t channels = 1;
  std::size_t inner = std::max<std::size_t>(values.size(), 1);
  if (axis) {
    channels = static_cast<std::size_t>(weight.shape()[*axis]);
    inner = 1;
    for (std::size_t i = static_cast<std::size_t>(*axis) + 1; i < weight.shape().size(); ++i) {
      inner *= static_cast<std::size_t>(weight.shape()[i]);
    }
  }
  std::vector<std::vector<float>> slices(channels);
  for (std::size_t i = 0; i < values.size(); ++i) {
    slices[i / inner % channels].push_back(values[i]);
  }
  std::vector<FiveNumbers> summaries;
  summaries.reserve(slices.size());
  for (std::vector<float>& slice : slices) summaries.push_back(five_numbers(slice));
  return summaries;
}

Json weights_json(const Evidence& evidence, const Model& given) {
  const Graph graph(evidence.prepared.proto().graph());
  const Graph given_graph(given.proto().graph());
  const Graph unrepaired(evidence.unrepaired.proto().graph());
  Json list = Json::array();
  for (const PlannedConstant& constant : evidence.plan.constants) {
    if (weighted_inputs(graph.node(constant.node)->op_type())) {
      list.push_back(
          weight_json(constant, graph, {{"repair", unrepaired}, {"preparation", given_graph}}));
    }
  }
  return {{"weights", std::move(list)}};
}

}  // namespace octavo
