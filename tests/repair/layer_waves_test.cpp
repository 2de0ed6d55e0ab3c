#include "repair/layer_waves.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

using Waves = std::vector<std::vector<std::string>>;

TEST(LayerWaves, FollowTheDepth) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,4,4]
    const w1: float32[2,2,1,1] = 1 2 3 4
    const w2: float32[2,2,1,1] = 2 3 4 5
    const w3: float32[2,2,1,1] = 3 4 5 6
    const w4: float32[2,2,1,1] = 4 5 6 7
    a = Conv(x, w1) "stem"
    b = Conv(a, w2) "left"
    c = Conv(a, w3) "right"
    s = Add(b, c) "add"
    y = Conv(s, w4) "last"
    output y: float32[N,2,4,4]
  )");
  const Graph graph(model.proto().graph());
  const LayerWaves layers = layer_waves(graph, testing::make_planned(model, {-1, 1}).plan);
  EXPECT_EQ(layers.waves, (Waves{{"stem"}, {"left", "right"}, {"last"}}));
  EXPECT_TRUE(layers.refusals.empty());
}

TEST(LayerWaves, LeaveSharedWeightsAndFloatNodes) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,4,4]
    const w1: float32[2,2,1,1] = 1 2 3 4
    const w2: float32[2,2,1,1] = 2 3 4 5
    a = Conv(x, w1) "one"
    b = Conv(a, w1) "two"
    c = Conv(b, w2) "three"
    y = Conv(c, w2) "four"
    output y: float32[N,2,4,4]
  )");
  Recipe recipe;
  recipe.exclude_nodes = {"four"};
  const Graph graph(model.proto().graph());
  const LayerWaves layers = layer_waves(graph, testing::make_planned(model, {-1, 1}, recipe).plan);
  EXPECT_TRUE(layers.waves.empty());
  ASSERT_EQ(layers.refusals.size(), 3U) << "a float node is no refusal";
  EXPECT_EQ(layers.refusals[0].node, "one");
  EXPECT_EQ(layers.refusals[0].reason, "another node reads the same weights");
}

}  // namespace
}  // namespace octavo
