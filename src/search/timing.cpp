#include "search/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

namespace octavo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWarmUpRounds = 3;
constexpr double kLeastSteadySeconds = 0.3;
constexpr std::size_t kParts = 5;
constexpr std::size_t kRoundsOfAPart = 10;
constexpr std::size_t kFewestRoundsOfAPart = 5;
// Of a ratio: between the parts that differ most.
constexpr double kSteady = 0.01;
constexpr double kPlain = 0.03;

// A deployed model runs again and again: the run before brings its own code and weights back into
// the caches that the other models' turns have emptied. Without it, a model is the faster the more
// it resembles the one before.
struct RunTime {
  double passed = 0;  // milliseconds
  double processor = 0;
};

double processor_milliseconds() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

RunTime time_run(const TimedSession& timed) {
  const auto ignore = [](std::size_t, const TensorView&) {};
  timed.session->run(timed.inputs, ignore);
  const double processor = processor_milliseconds();
  const auto start = Clock::now();
  timed.session->run(timed.inputs, ignore);
  const double passed = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return {passed, processor_milliseconds() - processor};
}

// The ratios of one session to the first, as the parts of the rounds tell them.
struct RatioRange {
  double least = 0;
  double median = 0;
  double most = 0;

  bool is_within(double share) const { return most - least <= share * median; }
};

std::vector<double> ratios_of(const std::vector<double>& times, const std::vector<double>& first) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < times.size(); ++round) {
    ratios.push_back(times[round] / first[round]);
  }
  return ratios;
}

std::vector<RatioRange> ranges_of(std::span<const std::vector<double>> times) {
  const std::size_t part = times.front().size() / kParts;
  std::vector<RatioRange> ranges;
  for (const std::vector<double>& own : times) {
    const std::vector<double> ratios = ratios_of(own, times.front());
    std::vector<double> medians;
    for (std::size_t i = 0; i < kParts; ++i) {
      const std::span<const double> rounds = std::span(ratios).subspan(i * part, part);
      medians.push_back(median({rounds.begin(), rounds.end()}));
    }
    const auto [least, most] = std::ranges::minmax(medians);
    ranges.push_back({least, median(medians), most});
  }
  return ranges;
}

bool has_ended(TimingEnd end, std::span<const std::vector<double>> times) {
  return end == TimingEnd::kWhenChosen ? is_chosen(times) : is_steady(times);
}

// By session, by round.
struct Times {
  std::vector<std::vector<double>> passed;
  std::vector<std::vector<double>> processor;
};

Latency summarize(const std::vector<double>& passed, const std::vector<double>& processor) {
  Latency latency{passed.size(), median(passed), 0, *std::ranges::min_element(passed),
                  median(processor)};
  std::vector<double> distances;
  for (const double time : passed) distances.push_back(std::abs(time - latency.median));
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
  if (times.front().size() < kParts * kRoundsOfAPart) return false;
  return std::ranges::all_of(ranges_of(times),
                             [](const RatioRange& range) { return range.is_within(kSteady); });
}

bool is_chosen(std::span<const std::vector<double>> times) {
  if (times.front().size() < kParts * kFewestRoundsOfAPart) return false;
  const std::vector<RatioRange> ranges = ranges_of(times);
  const RatioRange& fastest = *std::ranges::min_element(ranges, {}, &RatioRange::median);
  if (!fastest.is_within(kPlain)) return false;
  const bool is_plain = std::ranges::all_of(ranges, [&](const RatioRange& range) {
    return &range == &fastest || range.least > fastest.most;
  });
  return is_plain || is_steady(times);
}

std::vector<Timing> time_sessions(std::span<const TimedSession> sessions,
                                  const TimingOptions& options) {
  Times times{std::vector<std::vector<double>>(sessions.size()),
              std::vector<std::vector<double>>(sessions.size())};
  const auto& compared = options.threads == 1 ? times.processor : times.passed;
  const auto start = Clock::now();
  const auto spent = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  // Rounds, when the end is looked for next.
  std::size_t looked_at =
      kParts * (options.end == TimingEnd::kWhenChosen ? kFewestRoundsOfAPart : kRoundsOfAPart);
  for (std::size_t round = 0; round < kWarmUpRounds + kFewestRounds || spent() < options.seconds;
       ++round) {
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const RunTime time = time_run(sessions[i]);
      if (round < kWarmUpRounds) continue;
      times.passed[i].push_back(time.passed);
      times.processor[i].push_back(time.processor);
    }
    const bool look = options.end != TimingEnd::kWhenTimeIsSpent &&
                      times.passed.front().size() >= looked_at && spent() >= kLeastSteadySeconds;
    if (look && has_ended(options.end, compared)) break;
    if (look) looked_at += looked_at / 4;
  }
  std::vector<Timing> timings;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    timings.push_back({summarize(times.passed[i], times.processor[i]), median(compared[i]),
                       median(ratios_of(compared[i], compared.front()))});
  }
  return timings;
}

}  // namespace octavo
