#include "core/parallel_for.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace octavo {
namespace {

TEST(ParallelFor, CallsEachIndexOnceWhateverTheThreads) {
  for (const int threads : {-1, 0, 1, 2, 3, 64}) {
    std::vector<std::atomic<int>> calls(17);
    parallel_for(calls.size(), threads,
                 [&]() -> Round { return [&](std::size_t i) { ++calls[i]; }; });
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_EQ(calls[i], 1) << "index " << i << ", " << threads << " thread(s)";
    }
  }
}

TEST(ParallelFor, MakesNoMoreRoundsThanIndices) {
  std::atomic<int> rounds = 0;
  parallel_for(2, 8, [&]() -> Round {
    ++rounds;
    return [](std::size_t) {};
  });
  EXPECT_LE(rounds, 2);
  rounds = 0;
  parallel_for(0, 8, [&]() -> Round {
    ++rounds;
    return [](std::size_t) {};
  });
  EXPECT_EQ(rounds, 0);
}

TEST(ParallelFor, AFailureEndsTheWorkAndIsThrownHere) {
  for (const int threads : {1, 4}) {
    std::atomic<int> calls = 0;
    const auto fail_at_once = [&]() -> Round {
      return [&](std::size_t) {
        ++calls;
        throw std::runtime_error("planted");
      };
    };
    EXPECT_THROW(parallel_for(1000, threads, fail_at_once), std::runtime_error);
    EXPECT_LE(calls, threads) << "each worker stops at its first failure";
  }
}

TEST(ParallelFor, AWorkerThatCannotBeginIsAFailureToo) {
  EXPECT_THROW(parallel_for(3, 2, []() -> Round { throw std::runtime_error("planted"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace octavo
