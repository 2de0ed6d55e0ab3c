#include "prepare/passes/sink_scale.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "prepare/pass_testing.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;
using testing::expect_refused;

TEST(SinkScale, FoldsIntoTheLayerBehind) {
  expect_pass("sink_scale", R"(opset 13
input x: float32[N,2,3,3]
const s: float32[1] = 0.5
const w: float32[1,2,1,1] = 3 -4
const b: float32[1] = 7
h = Mul(s, x) "scale"
y = Conv(h, w, b) {pads=[1,1,1,1]} "conv"
output y: float32[N,1,5,5]
)",
              R"(opset 13
input x: float32[N,2,3,3]
const s: float32[1] = 0.5
const w: float32[1,2,1,1] = 1.5 -2
const b: float32[1] = 7
y = Conv(x, w, b) {pads=[1,1,1,1]} "conv"
output y: float32[N,1,5,5]
)");
}

TEST(SinkScale, FollowsEveryBranchOfASqueezeAndExcite) {
  expect_pass("sink_scale", R"(opset 13
input x: float32[N,2,3,3]
const s: float32[] = 0.5
const w: float32[2,2,1,1] = 2 4 6 8
const v: float32[1,2,1,1] = -2 4
h = Mul(x, s) "scale"
p = GlobalAveragePool(h)
g = Conv(p, w)
t = Sigmoid(g)
m = Mul(h, t)
y = Conv(m, v)
output y: float32[N,1,3,3]
)",
              R"(opset 13
input x: float32[N,2,3,3]
const s: float32[] = 0.5
const w: float32[2,2,1,1] = 1 2 3 4
const v: float32[1,2,1,1] = -1 2
p_unscaled = GlobalAveragePool(x)
g = Conv(p_unscaled, w)
t = Sigmoid(g)
m_unscaled = Mul(x, t)
y = Conv(m_unscaled, v)
output y: float32[N,1,3,3]
)");
}

TEST(SinkScale, PassesWhatIsHomogeneous) {
  for (const std::string_view carrier :
       {"GlobalAveragePool(h)", "AveragePool(h) {kernel_shape=[2,2], pads=[1,1,0,0]}",
        "MaxPool(h) {kernel_shape=[2,2]}", "GlobalMaxPool(h)", "Relu(h)", "LeakyRelu(h)",
        "Identity(h)", "Transpose(h) {perm=[0,1,3,2]}", "Reshape(h, shape)", "Mul(r, h)"}) {
    SCOPED_TRACE(carrier);
    const Model model = testing::parse_graph(fmt::format(R"(opset 13
input x: float32[N,2,3,3]
const s: float32[] = 0.3
const w: float32[4,2,1,1] = random(1)
const shape: int64[4] = 0 2 9 1
r = Abs(x)
h = Mul(x, s)
c = {}
y = Conv(c, w)
output y: float32
)",
                                                         carrier));
    const PreparedModel sunk = testing::run_only(model, "sink_scale");
    EXPECT_EQ(sunk.passes.front().changes.size(), 1U);
    testing::expect_same_outputs(model, sunk.model);
  }
}

TEST(SinkScale, LeavesAScaleThatReachesAnythingElse) {
  for (const std::string_view nodes :
       {"h = Mul(x, s)\ny = Sigmoid(h)",                 // not homogeneous
        "h = Mul(x, s)\nc = Conv(h, w)\ny = Add(c, h)",  // also read elsewhere
        "h = Mul(x, s)\ny = Conv(h, w)\noutput h",       // an output
        "h = Mul(x, s)\nm = Mul(h, h)\ny = Conv(m, w)",  // would be squared
        "h = Mul(x, s)\np = GlobalAveragePool(h)\nm = Mul(p, h)\ny = Conv(m, w)",
        "h = Mul(x, negative)\nr = Relu(h)\ny = Conv(r, w)",  // changes the sign
        "h = Mul(x, channels)\ny = Conv(h, w)",               // would change ratios of weights
        "h = Mul(x, wide)\ny = Conv(h, w)",                   // adds a dimension
        "h = Mul(x, s)\ny = Conv(x, h)",                      // are the weights
        "h = Mul(x, s)\ny = Conv(h, x)",                      // no constant weights
        "y = Mul(x, s)"}) {
    SCOPED_TRACE(nodes);
    expect_no_match("sink_scale", fmt::format(R"(opset 13
input x: float32[N,2,3,3]
const s: float32[] = 0.5
const negative: float32[] = -0.5
const channels: float32[2,1,1] = 1 2
const wide: float32[1,1,1,1,1] = 0.5
const w: float32[1,2,1,1] = 3 -4
{}
output y
)",
                                              nodes));
  }
}

TEST(SinkScale, RefusesWeightsThatOverflow) {
  expect_refused("sink_scale", R"(opset 13
input x: float32[N,1,3,3]
const s: float32[] = 1e30
const w: float32[1,1,1,1] = 1e30
h = Mul(x, s) "scale"
y = Conv(h, w)
output y: float32
)",
                 "scale", "leave their type's range");
}

}  // namespace
}  // namespace octavo
