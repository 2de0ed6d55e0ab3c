#include "report/graph_report.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/graph.h"
#include "pipeline/decide.h"
#include "report/graph_layout.h"

namespace octavo {
namespace {

using Edges = std::vector<std::pair<std::size_t, std::size_t>>;

Edges edges_of(const onnx::GraphProto& graph) {
  std::unordered_map<std::string_view, std::size_t> makers;
  Edges edges;
  for (int i = 0; i < graph.node_size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    for (const std::string& input : graph.node(i).input()) {
      const auto maker = makers.find(input);
      const std::pair edge(maker == makers.end() ? index : maker->second, index);
      if (edge.first != index && (edges.empty() || edges.back() != edge)) edges.push_back(edge);
    }
    for (const std::string& output : graph.node(i).output()) makers.emplace(output, index);
  }
  return edges;
}

// Without what is stored in the model.
Json activations(const google::protobuf::RepeatedPtrField<std::string>& tensors,
                 const Graph& graph) {
  Json list = Json::array();
  for (const std::string& tensor : tensors) {
    if (!tensor.empty() && !graph.is_initializer(tensor)) list.push_back(tensor);
  }
  return list;
}

void add_time(Json& json, const char* key, const NodeTimes& times, const std::string& node) {
  const auto found = times.find(node);
  if (found != times.end()) json[key] = json_number(found->second);
}

Json node_json(const onnx::NodeProto& node, const NodePlacement& placed,
               const NodePosition& position, const Graph& graph) {
  constexpr int kPositionDigits = 4;
  return {{"name", node.name()},
          {"op_type", node.op_type()},
          {"decision", to_string(placed.decision)},
          {"reason", placed.reason},
          {"inputs", activations(node.input(), graph)},
          {"outputs", activations(node.output(), graph)},
          {"layer", position.layer},
          {"across", json_number(position.across, kPositionDigits)}};
}

// The time of the nodes that only the quantized model has: conversions between float and integers.
double conversion_time(const NodeTimes& quantized, const Graph& prepared) {
  double sum = 0;
  for (const auto& [node, time] : quantized) sum += prepared.node(node) == nullptr ? time : 0;
  return sum;
}

}  // namespace

Json graph_json(const Evidence& evidence, const TimesBeforeAndAfter& times) {
  const onnx::GraphProto& proto = evidence.prepared.proto().graph();
  const Graph graph(proto);
  const Edges edges = edges_of(proto);
  const auto positions = layered_layout(static_cast<std::size_t>(proto.node_size()), edges);
  Json nodes = Json::array();
  for (int i = 0; i < proto.node_size(); ++i) {
    const onnx::NodeProto& node = proto.node(i);
    Json json = node_json(node, evidence.plan.nodes[i], positions[i], graph);
    add_time(json, "float_us", times.in_float, node.name());
    add_time(json, "quantized_us", times.quantized, node.name());
    nodes.push_back(std::move(json));
  }
  Json json = {{"nodes", std::move(nodes)}, {"edges", edges}};
  if (!times.quantized.empty()) {
    json["conversion_us"] = json_number(conversion_time(times.quantized, graph));
  }
  return json;
}

TimesBeforeAndAfter measure_times(const Evidence& evidence, int threads) {
  if (!has_runtime_here(evidence.profile)) return {};
  const auto executor = make_executor(evidence.profile.runtime);
  const std::vector<Tensor>& inputs = evidence.sample.inputs;
  const std::vector<ProfiledModel> both = {{evidence.prepared, inputs},
                                           {evidence.quantized, inputs}};
  std::vector<NodeTimes> times = times_by_node(both, *executor, {threads});
  return {std::move(times[0]), std::move(times[1])};
}

}  // namespace octavo
