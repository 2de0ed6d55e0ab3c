#include "repair/balance_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "repair/channel_importance.h"
#include "repair/noise_terms.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kTwoLayers = R"(
  opset 13
  input x: float32[N,1,1,1]
  const w: float32[2,1,1,1] = 1 8
  const v: float32[1,2,1,1] = 4 2
  a = Conv(x, w) "first"
  y = Conv(a, v) "last"
  output y: float32
)";

ChannelActivity statistics(std::vector<double> mean_square) {
  const std::size_t count = mean_square.size();
  return {std::vector<double>(count, 1), std::move(mean_square), std::vector<double>(count, 1), 1};
}

struct TwoLayers {
  Model model = testing::parse_graph(kTwoLayers);
  Graph graph{model.proto().graph()};
  ChannelClasses channels = channel_classes(graph, UpperBounds::kObstacle);
  std::vector<ChannelActivity> inputs = {statistics({1}), statistics({1, 64})};
  std::vector<ChannelActivity> outputs = {statistics({1, 64}), statistics({100})};
};

TEST(BalanceNoise, BalancesWhatCountsAlike) {
  const TwoLayers network;
  const std::vector<bool> fixed(2, false);
  const auto scales =
      quiet_log_scales({network.channels, network.inputs, network.outputs, {}, fixed});
  // Both rows and both columns alike: 1 s = 8 t and 4 / s = 2 / t cannot both hold, so neither the
  // first layer's two weights nor the last one's are as far apart as they were.
  const double rows = std::abs(std::log(8) + scales[1] - scales[0]);
  EXPECT_LT(rows, std::log(8));
  EXPECT_GT(scales[0], scales[1]) << "the small row grows beside the large one";
}

TEST(BalanceNoise, LeavesAFixedClassAlone) {
  const TwoLayers network;
  const std::vector<bool> fixed = {true, false};
  const auto scales =
      quiet_log_scales({network.channels, network.inputs, network.outputs, {}, fixed});
  EXPECT_EQ(scales[0], 0);
  EXPECT_NE(scales[1], 0);
}

TEST(BalanceNoise, KnowsWhatAChannelCountsFor) {
  const TwoLayers network;
  const auto owners = channel_owners(network.channels);
  const ChannelImportance importance =
      channel_importance(network.channels, owners, network.inputs, network.outputs);
  ASSERT_EQ(importance.outputs.size(), 2U);
  EXPECT_DOUBLE_EQ(importance.outputs[1][0], 0.01) << "one over the power of the output";
  EXPECT_DOUBLE_EQ(importance.outputs[0][0], 16 * 0.01) << "the square of the weight that reads it";
  EXPECT_DOUBLE_EQ(importance.outputs[0][1], 4 * 0.01);
  EXPECT_EQ(importance.classes, (std::vector<double>{0.16, 0.04}));
}

TEST(BalanceNoise, CountsOnlyWhatAnActivationLetsThrough) {
  TwoLayers network;
  network.outputs[0].active = {0.25, 1};
  const auto owners = channel_owners(network.channels);
  const ChannelImportance importance =
      channel_importance(network.channels, owners, network.inputs, network.outputs);
  EXPECT_DOUBLE_EQ(importance.outputs[0][0], 0.25 * 0.16);
}

// What `noise` says of its gradient, beside differences of its value.
template <typename Noise>
void expect_gradient(const Noise& noise, const Eigen::ArrayXf& at) {
  Eigen::ArrayXd gradient = Eigen::ArrayXd::Zero(at.size());
  Eigen::ArrayXd unused = gradient;
  const double value = noise.add(at, gradient);
  constexpr float kStep = 1.0F / 1024;
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    Eigen::ArrayXf up = at;
    Eigen::ArrayXf down = at;
    up[i] += kStep;
    down[i] -= kStep;
    const double slope =
        (noise.add(up, unused) - noise.add(down, unused)) / (2 * static_cast<double>(kStep));
    EXPECT_NEAR(gradient[i], slope, 1e-3 * value) << "class " << i;
  }
}

constexpr std::string_view kGrouped = R"(
  opset 13
  input x: float32[N,3,4,4]
  const w: float32[4,3,3,3] = random(1)
  const d: float32[8,2,3,3] = random(2)
  const v: float32[2,8,1,1] = random(3)
  a = Conv(x, w) "first"
  b = Conv(a, d) {group=2, pads=[1,1,1,1]} "grouped"
  y = Conv(b, v) "last"
  output y: float32
)";

TEST(NoiseTerms, HaveTheGradientOfTheirValue) {
  const Model model = testing::parse_graph(kGrouped);
  const Graph graph(model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, UpperBounds::kObstacle);
  ASSERT_EQ(channels.classes.size(), 12U);
  const auto owners = channel_owners(channels);
  Eigen::ArrayXf at(12);
  std::mt19937 engine(7);
  for (float& value : at) value = std::uniform_real_distribution<float>(-1, 1)(engine);
  for (std::size_t l = 0; l < channels.layers.size(); ++l) {
    const LinearNode& layer = channels.layers[l];
    WeightNoise noise(layer, owners[l], std::vector<double>(layer.output_channels, 0.7),
                      std::vector<double>(layer.input_channels, 1.3));
    noise.set_order(8);
    expect_gradient(noise, at);
  }
  ActivationNoise noise(owners[0].outputs, {1, 2, 3, 4}, {4, 3, 2, 1});
  noise.set_order(8);
  expect_gradient(noise, at);
}

}  // namespace
}  // namespace octavo
