// Seeds, what fuzzing found, and cheap damage to the seeds, through every target in the ordinary
// build: a finding that was mended stays mended without clang.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "fuzz/target.h"
#include "support/paths.h"

namespace octavo::fuzz {
namespace {

namespace fs = std::filesystem;

class Replay : public ::testing::TestWithParam<const Target*> {};

TEST_P(Replay, Seeds) {
  const auto seeds = GetParam()->seeds();
  ASSERT_FALSE(seeds.empty());
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    SCOPED_TRACE("seed " + std::to_string(i));
    EXPECT_NO_THROW(GetParam()->run(seeds[i]));
  }
}

TEST_P(Replay, DamagedSeeds) {
  constexpr unsigned kSeed = 1;
  constexpr int kRounds = 40;
  SCOPED_TRACE("random seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  for (const std::string& seed : GetParam()->seeds()) {
    if (seed.empty()) continue;
    for (int round = 0; round < kRounds; ++round) {
      std::string damaged = seed;
      if (round % 4 == 0) damaged.resize(random() % seed.size());
      for (int flips = round % 3; flips >= 0 && !damaged.empty(); --flips) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      EXPECT_NO_THROW(GetParam()->run(damaged)) << "round " << round;
    }
  }
}

// tests/fuzz/found/<target>/: one file a finding, as libFuzzer minimized it.
TEST_P(Replay, Findings) {
  const fs::path folder = testing::source_dir() / "tests/fuzz/found" / GetParam()->name;
  if (!fs::is_directory(folder)) GTEST_SKIP() << "nothing was found in this target";
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_NO_THROW(GetParam()->run(bytes));
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Replay, ::testing::ValuesIn(all_targets()),
                         [](const auto& parameter) { return std::string(parameter.param->name); });

}  // namespace
}  // namespace octavo::fuzz
