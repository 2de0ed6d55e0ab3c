#include "repair/channel_classes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/graph_text.h"

namespace octavo {
namespace {

// Every class as "writers -> readers", a layer's channel as name[channel].
std::string text_of(const ChannelClasses& channels) {
  const auto names = [&](const std::vector<LayerChannel>& ends) {
    std::string text;
    for (const LayerChannel& end : ends) {
      text += fmt::format("{}{}[{}]", text.empty() ? "" : " ",
                          channels.layers[end.layer].node->name(), end.channel);
    }
    return text;
  };
  std::string text;
  for (const ChannelClass& entry : channels.classes) {
    text += names(entry.writers) + " -> " + names(entry.readers) + "\n";
  }
  return text;
}

std::string classes_of(std::string_view body, UpperBounds bounds = UpperBounds::kObstacle) {
  const Model model = testing::parse_graph(fmt::format(R"(
    opset 13
    input x: float32[N,1,4,4]
    const w1: float32[2,1,1,1] = 1 2
    const w2: float32[2,2,1,1] = 1 2 3 4
    const w3: float32[2,2,1,1] = 5 6 7 8
    const w4: float32[1,2,1,1] = 5 6
    const d: float32[2,1,1,1] = 1 1
    const k: float32[2,1] = 1 1
    const zero: float32[] = 0
    const six: float32[] = 6
    a = Conv(x, w1) "first"
    {}
    output y: float32
  )",
                                                       body));
  const Graph graph(model.proto().graph());
  return text_of(channel_classes(graph, bounds));
}

TEST(ChannelClasses, JoinTwoLayersThroughARelu) {
  EXPECT_EQ(classes_of("r = Relu(a)\ny = Conv(r, w4) \"last\""),
            "first[0] -> last[0]\nfirst[1] -> last[1]\n");
}

TEST(ChannelClasses, EndAndBeginAtADepthwiseLayer) {
  EXPECT_EQ(classes_of("b = Conv(a, d) {group=2} \"depth\"\ny = Conv(b, w4) \"last\""),
            "first[0] -> depth[0]\nfirst[1] -> depth[1]\n"
            "depth[0] -> last[0]\ndepth[1] -> last[1]\n");
}

TEST(ChannelClasses, AreTiedByAnAddition) {
  EXPECT_EQ(classes_of("b = Conv(a, w2) \"branch\"\nc = Add(a, b)\ny = Conv(c, w4) \"last\""),
            "first[0] branch[0] -> branch[0] last[0]\nfirst[1] branch[1] -> branch[1] last[1]\n");
}

TEST(ChannelClasses, StandSideBySideInAConcat) {
  EXPECT_EQ(classes_of("b = Conv(a, w2) \"left\"\nc = Conv(a, w4) \"right\"\n"
                       "e = Concat(c, b) {axis=1}\nconst v: float32[1,3,1,1] = 1 2 3\n"
                       "y = Conv(e, v) \"last\""),
            "first[0] -> left[0] right[0]\nfirst[1] -> left[1] right[1]\n"
            "left[0] -> last[1]\nleft[1] -> last[2]\nright[0] -> last[0]\n");
}

TEST(ChannelClasses, ReachAClassifierBehindAPool) {
  EXPECT_EQ(classes_of("g = GlobalAveragePool(a)\nf = Flatten(g)\ny = Gemm(f, k) \"classify\""),
            "first[0] -> classify[0]\nfirst[1] -> classify[1]\n");
}

TEST(ChannelClasses, PassAGateThatIsNotScaled) {
  EXPECT_EQ(classes_of("s = Sigmoid(x)\nm = Mul(a, s)\ny = Conv(m, w4) \"last\""),
            "first[0] -> last[0]\nfirst[1] -> last[1]\n");
}

TEST(ChannelClasses, AreStoppedByWhatDoesNotCommuteWithAScale) {
  for (const std::string_view between :
       {"b = Sigmoid(a)", "b = Clip(a, zero, six)", "b = Mul(a, a)", "b = Exp(a)",
        "b = Softmax(a) {axis=1}", "b = Add(a, zero)", "b = Concat(a, a) {axis=2}",
        "b = Reshape(a, shape)", "b = Transpose(a) {perm=[1,0,2,3]}"}) {
    SCOPED_TRACE(between);
    EXPECT_EQ(
        classes_of(fmt::format("const shape: int64[4] = 0 2 2 8\n{}\ny = Conv(b, w4)", between)),
        "");
  }
}

TEST(ChannelClasses, AreStoppedByASecondReader) {
  EXPECT_EQ(classes_of("b = Conv(a, w4) \"last\"\ne = Exp(a)\ny = Add(b, e)"), "");
}

TEST(ChannelClasses, AreStoppedByAnOutputOfTheModel) {
  EXPECT_EQ(classes_of("y = Conv(a, w4)\noutput a: float32"), "");
}

TEST(ChannelClasses, AreStoppedBySharedWeights) {
  EXPECT_EQ(classes_of("b = Conv(a, w2)\nc = Conv(b, w2)\ny = Conv(c, w4) \"last\""), "");
}

TEST(ChannelClasses, PassAnUpperBoundWhereAsked) {
  const std::string_view body = "r = Clip(a, zero, six) \"clip\"\ny = Conv(r, w4) \"last\"";
  EXPECT_EQ(classes_of(body), "");
  EXPECT_EQ(classes_of(body, UpperBounds::kPassed), "first[0] -> last[0]\nfirst[1] -> last[1]\n");
  EXPECT_EQ(classes_of("r = Clip(a, six, six)\ny = Conv(r, w4)", UpperBounds::kPassed), "")
      << "a lower bound that is not 0 does not commute either";
}

TEST(ChannelClasses, SayWhyALayerIsLeftAlone) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,1,4,4]
    const w: float32[2,1,1,1] = 1 2
    a = Conv(x, w) "first"
    y = Sigmoid(a) "squash"
    output y: float32
  )");
  const Graph graph(model.proto().graph());
  const ChannelClasses channels = channel_classes(graph, UpperBounds::kObstacle);
  ASSERT_EQ(channels.refusals.size(), 1U);
  EXPECT_EQ(channels.refusals[0].node, "first");
  EXPECT_EQ(channels.refusals[0].text,
            "its outputs are not scaled: node 'squash' (Sigmoid) cannot take scaled channels");
}

}  // namespace
}  // namespace octavo
