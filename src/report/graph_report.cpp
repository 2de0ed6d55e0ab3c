#include "report/graph_report.h"

#include <algorithm>
#include <chrono>
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

constexpr double kProfilingSeconds = 2;
constexpr int kFewestRuns = 3;
constexpr int kMostRuns = 40;

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

int affordable_runs(Session& session, std::span<const Tensor> inputs) {
  const auto ignore = [](std::size_t, const TensorView&) {};
  session.run(inputs, ignore);
  const auto start = std::chrono::steady_clock::now();
  session.run(inputs, ignore);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double runs = kProfilingSeconds / std::max(seconds, 1e-6);
  return static_cast<int>(std::clamp<double>(runs, kFewestRuns, kMostRuns));
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
  SessionOptions options;
  options.threads = threads;
  const int runs = affordable_runs(*executor->load(evidence.prepared, options), inputs);
  return {times_by_node(evidence.prepared, inputs, *executor, {threads, runs}),
          times_by_node(evidence.quantized, inputs, *executor, {threads, runs})};
}

}  // namespace octavo
