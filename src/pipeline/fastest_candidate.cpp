#include "pipeline/fastest_candidate.h"

#include <memory>

#include "search/timing.h"

namespace octavo {
namespace {

constexpr double kSecondsEach = 0.5;
constexpr double kWorthIt = 0.98;  // of the time: less than noise is no reason

}  // namespace

FastestCandidate fastest_candidate(const TimingTask& task, std::span<const PlannedModel> models) {
  SessionOptions options;
  options.threads = task.threads;
  std::vector<std::unique_ptr<Session>> sessions;
  sessions.push_back(task.executor.load(task.float_model, options));
  for (const PlannedModel& model : models) {
    sessions.push_back(task.executor.load(model.model, options));
  }
  std::vector<TimedSession> timed;
  for (const auto& session : sessions) timed.push_back({session.get(), task.sample.inputs});
  const double seconds = kSecondsEach * static_cast<double>(timed.size());
  const std::vector<Timing> timings =
      time_sessions(timed, {seconds, task.threads, TimingEnd::kWhenChosen});
  FastestCandidate found;
  found.integers = {timings[1].milliseconds, timings[1].ratio_to_first};
  for (std::size_t i = 2; i < timings.size(); ++i) {
    found.candidates.push_back({timings[i].milliseconds, timings[i].ratio_to_first});
  }
  for (std::size_t i = 1; i < found.candidates.size(); ++i) {
    const double best = found.candidates[found.chosen].ratio_to_float;
    if (found.candidates[i].ratio_to_float < kWorthIt * best) found.chosen = i;
  }
  return found;
}

}  // namespace octavo
