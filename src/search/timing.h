// Honest latency: models take turns, so that the machine's noise hits all of them alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "octavo/evaluation.h"

namespace octavo {

struct TimedSession {
  Session* session = nullptr;
  std::span<const Tensor> inputs;
};

struct Timing {
  Latency latency;
  // By the clock that models are compared by: with one thread inside the runtime the processor time
  // of the process, which does not see what other programs take; with more the time that passes.
  double milliseconds = 0;    // of a run, median
  double ratio_to_first = 1;  // median over the rounds of own time / first's time
};

enum class TimingEnd : std::uint8_t {
  kWhenTimeIsSpent,
  kWhenSteady,  // or then, whichever comes first
  kWhenChosen,  // when it is plain which one is the fastest, or then
};

struct TimingOptions {
  double seconds = 0;
  int threads = 1;  // inside the runtime, of each session
  TimingEnd end = TimingEnd::kWhenTimeIsSpent;
};

// Rounds of one run each, in turn, after a warm-up, until so much time is spent; at least
// kFewestRounds. Nothing else may run in the process meanwhile.
std::vector<Timing> time_sessions(std::span<const TimedSession> sessions,
                                  const TimingOptions& options);

inline constexpr std::size_t kFewestRounds = 10;

// `times` are of each session, by round. True if every session's ratio to the first, the median of
// a fifth of the rounds, is within half a percent of what the other fifths say. Fifths, since noise
// of a machine comes in stretches: a standard error over all rounds would be too small. False for
// fewer than 10 rounds a fifth.
bool is_steady(std::span<const std::vector<double>> times);

// `times` as above. True if no fifth of the rounds has a session whose ratio to the first is as low
// as any fifth's of the fastest, or if they are steady; the fastest one's own fifths must agree
// within three percent. False for fewer than 5 rounds a fifth.
bool is_chosen(std::span<const std::vector<double>> times);

double median(std::vector<double> values);

}  // namespace octavo
