#include "search/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace octavo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWarmUpRounds = 3;
constexpr double kLeastSteadySeconds = 0.3;
constexpr std::size_t kParts = 5;
constexpr std::size_t kRoundsOfAPart = 10;
constexpr double kSteady = 0.01;  // of a ratio: between the parts that differ most

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

std::vector<double> ratios_of(const std::vector<double>& times, const std::vector<double>& first) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < times.size(); ++round) {
    ratios.push_back(times[round] / first[round]);
  }
  return ratios;
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

bool is_steady(std::span<const std::vector<double>> times) {
  const std::size_t part = times.front().size() / kParts;
  if (part < kRoundsOfAPart) return false;
  return std::ranges::all_of(times, [&](const std::vector<double>& own) {
    const std::vector<double> ratios = ratios_of(own, times.front());
    std::vector<double> medians;
    for (std::size_t i = 0; i < kParts; ++i) {
      const std::span<const double> rounds = std::span(ratios).subspan(i * part, part);
      medians.push_back(median({rounds.begin(), rounds.end()}));
    }
    const auto [least, most] = std::ranges::minmax(medians);
    return most - least <= kSteady * median(medians);
  });
}

std::vector<Timing> time_sessions(std::span<const TimedSession> sessions, double seconds,
                                  TimingEnd end) {
  std::vector<std::vector<double>> times(sessions.size());
  const auto start = Clock::now();
  const auto spent = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  std::size_t looked_at = kParts * kRoundsOfAPart;  // rounds, when steadiness is looked at next
  for (std::size_t round = 0; round < kWarmUpRounds + kFewestRounds || spent() < seconds; ++round) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const double time = run_milliseconds(sessions[i]);
      if (round >= kWarmUpRounds) times[i].push_back(time);
    }
    const bool look = end == TimingEnd::kWhenSteady && times.front().size() >= looked_at &&
                      spent() >= kLeastSteadySeconds;
    if (look && is_steady(times)) break;
    if (look) looked_at += looked_at / 4;
  }
  std::vector<Timing> timings;
  for (const std::vector<double>& own : times) {
    timings.push_back({summarize(own), median(ratios_of(own, times.front()))});
  }
  return timings;
}

}  // namespace octavo
