#include "runtime/onnxruntime/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo {
namespace {

// Events of one node are called "<node>_kernel_time".
constexpr std::string_view kKernelSuffix = "_kernel_time";

// The mean of the middle half. Not of all: one call that another program interrupted outweighs
// forty others. Not the median: ONNX Runtime tells whole microseconds, and many nodes take three.
double middle_mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
  const double sum = std::accumulate(values.begin() + cut, values.end() - cut, 0.0);
  return sum / static_cast<double>(values.end() - values.begin() - 2 * cut);
}

}  // namespace

std::vector<NodeTime> read_profile(const std::filesystem::path& path) {
  std::ifstream stream(path);
  const auto events = nlohmann::json::parse(stream, nullptr, false);
  if (!events.is_array()) {
    throw Error(ErrorCode::kRuntime,
                fmt::format("{}: not a profile of ONNX Runtime", path.string()));
  }
  std::vector<NodeTime> times;
  std::vector<std::vector<double>> calls;  // of each, the microseconds
  std::unordered_map<std::string, std::size_t> index;
  for (const auto& event : events) {
    std::string name = event.value("name", "");
    if (event.value("cat", "") != "Node" || !name.ends_with(kKernelSuffix)) continue;
    name.resize(name.size() - kKernelSuffix.size());
    const auto [entry, added] = index.emplace(name, times.size());
    if (added) {
      times.push_back({name, event["args"].value("op_name", ""), 0, 0});
      calls.emplace_back();
    }
    calls[entry->second].push_back(event.value("dur", 0.0));
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i].calls = static_cast<std::int64_t>(calls[i].size());
    times[i].microseconds = middle_mean(std::move(calls[i]));
  }
  return times;
}

std::vector<ExecutedNode> read_executed_graph(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&stream)) {
    throw Error(ErrorCode::kRuntime,
                fmt::format("{}: ONNX Runtime wrote no readable graph", path.string()));
  }
  std::vector<ExecutedNode> nodes;
  for (const onnx::NodeProto& node : model.graph().node()) {
    nodes.push_back({node.name(),
                     node.op_type(),
                     node.domain(),
                     {node.input().begin(), node.input().end()},
                     {node.output().begin(), node.output().end()},
                     {}});
  }
  return nodes;
}

}  // namespace octavo
