#include "search/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace octavo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWarmUpRounds = 3;

// A deployed model runs again and again: the run before brings its own code and weights back into
// the caches that the other models' turns have emptied. Without it, a model is the faster the more
// it resembles the one before.
double run_milliseconds(const TimedSession& timed) {
  const auto ignore = [](std::size_t, const TensorView&) {};
  timed.session->run(timed.inputs, ignore);
  const auto start = Clock::now();
  timed.session->run(timed.inputs, ignore);
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Latency summarize(const std::vector<double>& times) {
  Latency latency{times.size(), median(times), 0, *std::min_element(times.begin(), times.end())};
  std::vector<double> distances;
  for (const double time : times) distances.push_back(std::abs(time - latency.median));
  latency.spread = median(std::move(distances));
  return latency;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<Timing> time_sessions(std::span<const TimedSession> sessions, double seconds) {
  std::vector<std::vector<double>> times(sessions.size());
  const auto start = Clock::now();
  const auto spent = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (std::size_t round = 0; round < kWarmUpRounds + kFewestRounds || spent() < seconds; ++round) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const double time = run_milliseconds(sessions[i]);
      if (round >= kWarmUpRounds) times[i].push_back(time);
    }
  }
  std::vector<Timing> timings;
  for (const std::vector<double>& own : times) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < own.size(); ++round) {
      ratios.push_back(own[round] / times.front()[round]);
    }
    timings.push_back({summarize(own), median(std::move(ratios))});
  }
  return timings;
}

}  // namespace octavo
