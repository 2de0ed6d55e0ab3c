#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "calibration/channel_statistics.h"
#include "calibration/tensor_statistics.h"
#include "octavo/statistics.h"
#include "support/error_matchers.h"
#include "support/paths.h"

namespace octavo {
namespace {

Statistics sample_statistics() {
  std::mt19937 random(23);
  std::normal_distribution<float> normal(0, 3);
  Statistics statistics;
  statistics.set_model_fingerprint(0xFFFF'0000'1234'5678U);
  statistics.add_samples({0, 2});
  statistics.add_samples({1000, 1002});
  for (const char* name : {"a", "b/c", ""}) {
    for (std::uint64_t sample = 0; sample < 4; ++sample) {
      std::vector<float> values(500);
      for (float& value : values) value = normal(random);
      statistics.tensors()[name].observe(sample * 1000, values);
    }
  }
  ChannelStatistics& channels = statistics.channels()["a"];
  for (std::uint64_t sample = 0; sample < 4; ++sample) {
    std::vector<float> values(60);
    for (float& value : values) value = normal(random);
    channels.observe("a", sample * 1000,
                     {DType::kFloat32, {4, 3, 5}, std::as_bytes(std::span(values))});
  }
  return statistics;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(StatisticsFile, ReadsBackWhatItWrote) {
  const testing::TemporaryDirectory folder;
  const Statistics written = sample_statistics();
  write_statistics(written, folder / "s.stat");
  const Statistics read = read_statistics(folder / "s.stat");
  EXPECT_EQ(read.tensors(), written.tensors());
  EXPECT_EQ(read.channels(), written.channels());
  EXPECT_EQ(read.channels().at("a").axis(), 2);
  EXPECT_EQ(read.model_fingerprint(), 0xFFFF'0000'1234'5678U);
  EXPECT_TRUE(std::equal(read.samples().begin(), read.samples().end(), written.samples().begin(),
                         written.samples().end()));
}

TEST(StatisticsFile, ShardsInAnyOrderGiveTheSameBytes) {
  const testing::TemporaryDirectory folder;
  const Statistics one = sample_statistics();
  Statistics two;
  two.set_model_fingerprint(one.model_fingerprint());
  two.add_samples({2, 1000});
  for (const auto& [name, statistics] : one.tensors()) {
    two.tensors()[name].observe(99, std::vector<float>{1.5F, -8.0F});
  }
  const std::vector<float> row(5, 0.25F);
  two.channels()["a"].observe("a", 99, {DType::kFloat32, {1, 1, 5}, std::as_bytes(std::span(row))});
  Statistics forward = one;
  merge(forward, two);
  Statistics backward = two;
  merge(backward, one);
  write_statistics(forward, folder / "forward");
  write_statistics(backward, folder / "backward");
  EXPECT_EQ(content_of(folder / "forward"), content_of(folder / "backward"));
}

TEST(StatisticsFile, RefusesEveryTruncationAndEveryFlippedByte) {
  const testing::TemporaryDirectory folder;
  write_statistics(sample_statistics(), folder / "whole");
  const std::string whole = content_of(folder / "whole");
  const auto expect_refused = [&](const std::string& content) {
    std::ofstream(folder / "bad", std::ios::binary) << content;
    EXPECT_OCTAVO_ERROR(read_statistics(folder / "bad"), ErrorCode::kInvalidFile,
                        "not a statistics file");
  };
  std::mt19937 random(29);
  for (int round = 0; round < 100; ++round) {
    expect_refused(whole.substr(0, random() % whole.size()));
    std::string flipped = whole;
    flipped[random() % whole.size()] ^= static_cast<char>(1 + random() % 255);
    expect_refused(flipped);
  }
}

TEST(StatisticsFile, MissingFileAndMissingTensorAreNamed) {
  EXPECT_OCTAVO_ERROR(read_statistics("/nowhere/s.stat"), ErrorCode::kNotFound, "/nowhere/s.stat");
  EXPECT_OCTAVO_ERROR(sample_statistics().at("zzz"), ErrorCode::kNotFound, "'zzz'",
                      "another model");
}

}  // namespace
}  // namespace octavo
