#include "report/weight_report.h"

#include <gtest/gtest.h>

#include "model/graph.h"
#include "plan/apply_recipe.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

Tensor tensor(Shape shape, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(shape), values);
}

TEST(ChannelSummaries, FiveNumbersByHand) {
  const auto summaries = channel_summaries(tensor({2, 5}, {5, 1, 3, 2, 4, -1, -1, -1, -1, 9}), 0);
  ASSERT_EQ(summaries.size(), 2u);
  EXPECT_EQ(summaries[0], (FiveNumbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(summaries[1], (FiveNumbers{-1, -1, -1, -1, 9}));
}

TEST(ChannelSummaries, AlongTheLastAxisAndAsAWhole) {
  const Tensor weight = tensor({2, 2}, {1, 10, 3, 30});
  const auto columns = channel_summaries(weight, 1);
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].front(), 1);
  EXPECT_EQ(columns[0].back(), 3);
  EXPECT_EQ(columns[1].back(), 30);
  ASSERT_EQ(channel_summaries(weight, std::nullopt).size(), 1u);
  EXPECT_EQ(channel_summaries(weight, std::nullopt)[0].back(), 30);
}

TEST(ChannelSummaries, OneValueAndNone) {
  EXPECT_EQ(channel_summaries(tensor({1}, {2}), 0)[0], (FiveNumbers{2, 2, 2, 2, 2}));
  EXPECT_EQ(channel_summaries(tensor({1, 0}, {}), 0)[0], FiveNumbers{});
}

constexpr std::string_view kNetwork = R"(
  opset 13
  input x: float32[1,2,4,4]
  const w: float32[CHANNELS,2,1,1] = random(SEED)
  y = Conv(x, w) "conv"
  output y: float32[1,CHANNELS,4,4]
)";

Model network(const std::string& channels, const std::string& seed = "1") {
  std::string text(kNetwork);
  for (const auto& [mark, value] : {std::pair{"CHANNELS", channels}, {"SEED", seed}}) {
    for (std::size_t at = 0; (at = text.find(mark)) != std::string::npos;) {
      text.replace(at, std::string_view(mark).size(), value);
    }
  }
  return testing::parse_graph(text);
}

Json weights(const Model& prepared, const Model& given, const Model& unrepaired) {
  const testing::Planned planned = testing::make_planned(prepared, {-1, 0, 1});
  const Profile profile = load_profile("onnxruntime-x86");
  const Evidence evidence{prepared,     profile,  planned.placement, Statistics(),
                          planned.plan, prepared, Sample(),          unrepaired};
  return weights_json(evidence, given)["weights"];
}

Json weights(const Model& prepared, const Model& given) {
  return weights(prepared, given, prepared);
}

TEST(WeightsJson, DescribesEveryChannel) {
  const Model model = network("3");
  const Json list = weights(model, model);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["name"], "w");
  EXPECT_EQ(list[0]["node"], "conv");
  EXPECT_EQ(list[0]["dtype"], "int8");
  EXPECT_EQ(list[0]["shape"], (Json{3, 2, 1, 1}));
  EXPECT_EQ(list[0]["scales"]["count"], 3);
  EXPECT_EQ(list[0]["channels"], 3);
  EXPECT_EQ(list[0]["shown"], (Json{0, 1, 2}));
  EXPECT_EQ(list[0]["boxes"].size(), 3u);
  EXPECT_FALSE(list[0].contains("boxes_before"));
}

TEST(WeightsJson, OfManyChannelsTheNarrowestAndTheWidestAreShown) {
  const Model model = network("200");
  const Json weight = weights(model, model)[0];
  EXPECT_EQ(weight["channels"], 200);
  EXPECT_EQ(weight["shown"].size(), kShownChannels);
  EXPECT_EQ(weight["boxes"].size(), kShownChannels);
  double widest = 0;
  for (const Json& box : weight["boxes"]) {
    widest = std::max({widest, -box[0].get<double>(), box[4].get<double>()});
  }
  const double seen = std::max(-weight["seen"][0].get<double>(), weight["seen"][1].get<double>());
  EXPECT_NEAR(widest, seen, 0.005 * seen);
}

TEST(WeightsJson, WhatPreparationChangedStandsBesideWhatWasGiven) {
  const Json weight = weights(network("3", "1"), network("3", "2"))[0];
  ASSERT_TRUE(weight.contains("boxes_before"));
  EXPECT_EQ(weight["boxes_before"].size(), 3u);
  EXPECT_NE(weight["boxes_before"], weight["boxes"]);
  EXPECT_EQ(weight["before"], "preparation");
}

TEST(WeightsJson, WhatARepairChangedStandsBesideWhatWasPrepared) {
  const Model unrepaired = network("3", "2");
  const Json weight = weights(network("3", "1"), network("3", "4"), unrepaired)[0];
  EXPECT_EQ(weight["before"], "repair");
  EXPECT_EQ(weight["boxes_before"], weights(unrepaired, unrepaired)[0]["boxes"]);
}

}  // namespace
}  // namespace octavo
