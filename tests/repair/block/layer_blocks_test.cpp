#include "repair/block/layer_blocks.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace octavo {
namespace {

using Names = std::vector<std::string>;

using Blocks = std::vector<LayerBlock>;

Blocks blocks_of(const Model& model, const std::set<std::string, std::less<>>& layers) {
  return layer_blocks(Graph(model.proto().graph()), layers);
}

TEST(LayerBlocks, KeepAResidualBranchWhole) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2,4,4]
    const w: float32[2,2,1,1] = 1 2 3 4
    a = Conv(x, w) "stem"
    b = Relu(a) "relu"
    c = Conv(b, w) "one"
    d = Relu(c) "inner"
    e = Conv(d, w) "two"
    f = Add(e, b) "add"
    g = Relu(f) "outer"
    h = Conv(g, w) "three"
    i = Conv(h, w) "four"
    p = GlobalAveragePool(i) "pool"
    q = Flatten(p) "flatten"
    y = MatMul(q, m) "classify"
    const m: float32[2,2] = 1 2 3 4
    output y: float32[N,2]
  )");
  const Blocks found = blocks_of(model, {"stem", "one", "two", "three", "four", "classify"});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].layers, (Names{"stem", "one", "two"}));
  EXPECT_EQ(found[0].nodes, (Names{"stem", "relu", "one", "inner", "two", "add", "outer"}));
  EXPECT_EQ(found[0].output, "g") << "the Relu behind it belongs to it";
  EXPECT_EQ(found[1].layers, (Names{"three", "four"}));
  EXPECT_EQ(found[1].output, "i") << "a pool ends it";
  EXPECT_EQ(found[2].nodes, (Names{"classify"})) << "what comes before is its input";
}

TEST(LayerBlocks, JoinAtMostThreeLayersInARow) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2]
    const w: float32[2,2] = 1 2 3 4
    a = MatMul(x, w) "one"
    b = MatMul(a, w) "two"
    c = MatMul(b, w) "three"
    y = MatMul(c, w) "four"
    output y: float32[N,2]
  )");
  const Blocks found = blocks_of(model, {"one", "two", "three", "four"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].layers, (Names{"one", "two", "three"}));
  EXPECT_EQ(found[1].layers, (Names{"four"}));
}

TEST(LayerBlocks, TakeWhatDoesNotDependOnALayerAsItIs) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2]
    const w: float32[2,2] = 1 2 3 4
    a = MatMul(x, w) "layer"
    b = Softmax(x) "beside"
    y = Add(a, b) "add"
    output y: float32[N,2]
  )");
  const Blocks found = blocks_of(model, {"layer"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].nodes, (Names{"layer", "add"}));
}

TEST(LayerBlocks, RefuseWhatHasNoDerivative) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2]
    const w: float32[2,2] = 1 2 3 4
    a = MatMul(x, w) "layer"
    b = Softmax(a) "softmax"
    y = Add(x, b) "add"
    output y: float32[N,2]
  )");
  const Blocks found = blocks_of(model, {"layer"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].layers, (Names{"layer"}));
  EXPECT_EQ(found[0].refusal,
            "node 'softmax' (Softmax) is in its block and has no derivative here");
}

TEST(LayerBlocks, RefuseWhatEndsInSeveralOutputs) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,2]
    const w: float32[2,2] = 1 2 3 4
    const v: float32[2,2] = 1 2 3 4
    y = MatMul(x, w) "left"
    z = MatMul(x, v) "right"
    output y: float32[N,2]
    output z: float32[N,2]
  )");
  const Blocks found = blocks_of(model, {"left", "right"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].layers, (Names{"left", "right"}));
  EXPECT_EQ(found[0].refusal, "no one tensor carries all that comes of it");
}

}  // namespace
}  // namespace octavo
