#include "repair/channel_activity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "support/graph_text.h"
#include "support/noise_dataset.h"

namespace octavo {
namespace {

// Two channels: x, and -2 x.
constexpr std::string_view kTwoChannels = R"(
  opset 13
  input x: float32[N,1,4,4]
  const w: float32[2,1,1,1] = 1 -2
  c = Conv(x, w) "layer"
  y = Relu(c) "relu"
  output y: float32
)";

std::vector<ChannelActivity> measured(const testing::NoiseDataset& data, double bound,
                                      int threads) {
  const Model model = testing::parse_graph(kTwoChannels);
  const auto executor = make_executor("onnxruntime");
  const StagedRun run(data, *executor, threads);
  return channel_activity(run, model, std::array{MeasuredTensor{{"c", 1}, bound}});
}

TEST(ChannelActivity, AreThoseOfAllSamples) {
  const testing::NoiseDataset data({1, 1, 4, 4}, 5);
  double largest = 0;
  double squares = 0;
  double within = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const Tensor x = data.at(i).inputs[0];
    for (std::size_t k = 0; k < x.size(); ++k) {
      largest = std::max(largest, std::abs(x.at(k)));
      squares += x.at(k) * x.at(k) / 80;
      within += x.at(k) > 0 && x.at(k) < 0.5 ? 1.0 / 80 : 0;
    }
  }
  const auto found = measured(data, 0.5, 1).front();
  EXPECT_EQ(found.largest, (std::vector<double>{largest, 2 * largest}));
  EXPECT_NEAR(found.mean_square[0], squares, 1e-9);
  EXPECT_NEAR(found.mean_square[1], 4 * squares, 1e-9);
  EXPECT_NEAR(found.active[0], within, 1e-9);
  EXPECT_GT(within, 0);
  EXPECT_EQ(found.positions, 16);
}

TEST(ChannelActivity, AreTheSameAtAnyNumberOfThreads) {
  const testing::NoiseDataset data({1, 1, 4, 4}, 40);
  EXPECT_EQ(measured(data, 1, 1).front().mean_square, measured(data, 1, 4).front().mean_square);
}

}  // namespace
}  // namespace octavo
