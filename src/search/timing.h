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
  double ratio_to_first = 1;  // median over the rounds of own time / first's time
};

enum class TimingEnd : std::uint8_t {
  kWhenTimeIsSpent,
  kWhenSteady,  // or then, whichever comes first
};

// Rounds of one run each, in turn, after a warm-up, until `seconds` are spent; at least
// kFewestRounds.
std::vector<Timing> time_sessions(std::span<const TimedSession> sessions, double seconds,
                                  TimingEnd end = TimingEnd::kWhenTimeIsSpent);

inline constexpr std::size_t kFewestRounds = 10;

// `times` are of each session, by round. True if every session's ratio to the first, the median of
// a fifth of the rounds, is within half a percent of what the other fifths say. Fifths, since noise
// of a machine comes in stretches: a standard error over all rounds would be too small. False for
// fewer than 10 rounds a fifth.
bool is_steady(std::span<const std::vector<double>> times);

double median(std::vector<double> values);

}  // namespace octavo
