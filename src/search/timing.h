// Honest latency: models take turns, so that the machine's noise hits all of them alike.
#pragma once

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

// Rounds of one run each, in turn, after a warm-up, until `seconds` are spent; at least
// kFewestRounds.
std::vector<Timing> time_sessions(std::span<const TimedSession> sessions, double seconds);

inline constexpr std::size_t kFewestRounds = 10;

double median(std::vector<double> values);

}  // namespace octavo
