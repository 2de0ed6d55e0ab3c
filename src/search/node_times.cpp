#include "search/node_times.h"

#include <vector>

namespace octavo {
namespace {

std::vector<NodeTime> profile(const Model& model, std::span<const Tensor> inputs,
                              const Executor& executor, const ProfilingOptions& options) {
  SessionOptions session_options;
  session_options.threads = options.threads;
  session_options.profiling = Profiling::kOn;
  const auto session = executor.load(model, session_options);
  for (int i = 0; i < options.runs; ++i) {
    session->run(inputs, [](std::size_t, const TensorView&) {});
  }
  return session->node_times();
}

}  // namespace

NodeTimes times_by_node(const Model& model, std::span<const Tensor> inputs,
                        const Executor& executor, const ProfilingOptions& options) {
  NodeTimes times;
  for (const NodeTime& time : profile(model, inputs, executor, options)) {
    if (time.source.empty()) continue;
    // A node of a loop's body is called several times a run.
    times[time.source] += time.microseconds * static_cast<double>(time.calls) / options.runs;
  }
  return times;
}

double time_of(const NodeTimes& times, std::string_view node) {
  const auto found = times.find(node);
  return found == times.end() ? 0 : found->second;
}

}  // namespace octavo
