// Seeds, what fuzzing found, and cheap damage to the seeds, through every target in the ordinary
// build: a finding that was mended stays mended without clang.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <vector>

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

std::string damaged(const Target& target, std::string bytes, unsigned seed) {
  constexpr std::size_t kRoom = 4096;
  std::mt19937 random(seed);
  if (target.mutate != nullptr && seed % 2 == 0) {
    const std::size_t size = bytes.size();
    bytes.resize(size + kRoom);
    bytes.resize(target.mutate(std::as_writable_bytes(std::span(bytes)), size, seed));
    return bytes;
  }
  if (seed % 4 == 1) bytes.resize(random() % (bytes.size() + 1));
  for (unsigned flips = 1 + static_cast<unsigned>(random() % 3); flips > 0 && !bytes.empty();
       --flips) {
    bytes[random() % bytes.size()] = static_cast<char>(random());
  }
  return bytes;
}

unsigned number_from_environment(const char* name, unsigned absent) {
  const char* text = std::getenv(name);
  return text == nullptr ? absent : static_cast<unsigned>(std::stoul(text));
}

// 40 rounds; with OCTAVO_FUZZ_SECONDS, each target's share of so many seconds. The same
// OCTAVO_FUZZ_SEED gives the same inputs in the same order.
TEST_P(Replay, DamagedSeeds) {
  using Clock = std::chrono::steady_clock;
  constexpr unsigned kFewestRounds = 40;
  const unsigned seconds = number_from_environment("OCTAVO_FUZZ_SECONDS", 0);
  const unsigned first = number_from_environment("OCTAVO_FUZZ_SEED", 1);
  std::printf("OCTAVO_FUZZ_SEED=%u\n", first);
  const auto end = Clock::now() + std::chrono::milliseconds(1000 * seconds / all_targets().size());
  const std::vector<std::string> seeds = GetParam()->seeds();
  std::size_t inputs = 0;
  for (unsigned round = 0; round < kFewestRounds || Clock::now() < end; ++round) {
    for (const std::string& seed : seeds) {
      ASSERT_NO_THROW(GetParam()->run(damaged(*GetParam(), seed, first + round)))
          << "round " << round;
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
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
