#include "search/node_times.h"

#include <chrono>
#include <memory>

namespace octavo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFewestRuns = 5;
constexpr int kMostRuns = 100;

// Returns how many runs each session had.
int run_in_turns(std::span<const std::unique_ptr<Session>> sessions,
                 std::span<const ProfiledModel> models, double seconds) {
  const auto begin = Clock::now();
  const auto has_time = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count() < seconds;
  };
  int runs = 0;
  while (runs < kFewestRuns || (runs < kMostRuns && has_time())) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      sessions[i]->run(models[i].inputs, [](std::size_t, const TensorView&) {});
    }
    ++runs;
  }
  return runs;
}

}  // namespace

std::vector<NodeTimes> times_by_node(std::span<const ProfiledModel> models,
                                     const Executor& executor, const ProfilingOptions& options) {
  SessionOptions session_options;
  session_options.threads = options.threads;
  session_options.profiling = Profiling::kOn;
  std::vector<std::unique_ptr<Session>> sessions;
  for (const ProfiledModel& profiled : models) {
    sessions.push_back(executor.load(profiled.model, session_options));
  }
  const int runs = run_in_turns(sessions, models, options.seconds);
  std::vector<NodeTimes> times(models.size());
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    for (const NodeTime& time : sessions[i]->node_times()) {
      if (time.source.empty()) continue;
      // A node of a loop's body is called several times a run.
      times[i][time.source] += time.microseconds * static_cast<double>(time.calls) / runs;
    }
  }
  return times;
}

double time_of(const NodeTimes& times, std::string_view node) {
  const auto found = times.find(node);
  return found == times.end() ? 0 : found->second;
}

}  // namespace octavo
