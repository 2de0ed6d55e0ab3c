#include "prepare/passes/hoist_scale.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;

TEST(HoistScale, FoldsThroughAClip) {
  expect_pass("hoist_scale", R"(opset 13
input x: float32[N,1,2,2]
const w: float32[2,1,1,1] = 2 4
const b: float32[2] = 6 -8
const zero: float32[] = 0
const six: float32[] = 6
const half: float32[] = 0.5
c = Conv(x, w, b) "conv"
r = Clip(c, zero, six) "clip"
y = Mul(r, half) "scale"
output y: float32[N,2,2,2]
)",
              R"(opset 13
input x: float32[N,1,2,2]
const w: float32[2,1,1,1] = 1 2
const b: float32[2] = 3 -4
const zero: float32[] = 0
const six: float32[] = 6
const half: float32[] = 0.5
const six_scaled: float32[] = 3
const zero_scaled: float32[] = 0
c_scaled = Conv(x, w, b) "conv"
y = Clip(c_scaled, zero_scaled, six_scaled) "clip"
output y: float32[N,2,2,2]
)");
}

TEST(HoistScale, FoldsThroughRelus) {
  for (const std::string_view activation : {"Relu(c)", "LeakyRelu(c)", "Clip(c)"}) {
    SCOPED_TRACE(activation);
    const Model model = testing::parse_graph(fmt::format(R"(opset 13
input x: float32[N,3]
const w: float32[3,2] = random(1)
const s: float32[] = 0.3
c = MatMul(x, w)
r = {}
y = Mul(s, r)
output y: float32[N,2]
)",
                                                         activation));
    const PreparedModel hoisted = testing::run_only(model, "hoist_scale");
    EXPECT_EQ(hoisted.model.proto().graph().node_size(), 2);
    testing::expect_same_outputs(model, hoisted.model);
  }
}

void expect_scale_refused(std::string_view nodes, std::string_view reason) {
  SCOPED_TRACE(nodes);
  expect_refused("hoist_scale",
                 fmt::format(R"(opset 13
input x: float32[N,1,2,2]
input p: float32[]
const w: float32[1,1,1,1] = 1e30
const huge: float32[] = 1e30
const half: float32[] = 0.5
const negative: float32[] = -0.5
const zero: float32[] = 0
const one: float32[1] = 1
{}
output y
)",
                             nodes),
                 "scale", reason);
}

TEST(HoistScale, RefusesNamingTheReason) {
  expect_scale_refused("c = Conv(x, w)\nr = Relu(c)\ny = Mul(r, half) \"scale\"\noutput r",
                       "'r' is read elsewhere too, or is an output");
  expect_scale_refused("c = Conv(x, w)\nr = Relu(c)\ny = Mul(r, half) \"scale\"\noutput c",
                       "'c' is read elsewhere too, or is an output");
  expect_scale_refused("c = Conv(x, x)\nr = Relu(c)\ny = Mul(r, half) \"scale\"", "weights 'x'");
  expect_scale_refused("c = Conv(x, w)\nr = Clip(c, p)\ny = Mul(r, half) \"scale\"",
                       "bounds of the Clip are not constant");
  expect_scale_refused("c = Conv(x, w)\nr = Relu(c)\ny = Mul(r, huge) \"scale\"",
                       "leave their type's range");
}

TEST(HoistScale, LeavesOtherProducts) {
  expect_scale_refused("c = Conv(x, w)\nr = Relu(c)\ny = Mul(r, negative)", "");
  expect_scale_refused("c = Conv(x, w)\nr = Relu(c)\ny = Mul(r, zero)", "");
  expect_scale_refused("c = Conv(x, w)\nr = Relu(c)\ny = Mul(r, one)", "");  // may add a dimension
  expect_scale_refused("c = Conv(x, w)\nr = Sigmoid(c)\ny = Mul(r, half)", "");
  expect_scale_refused("r = Relu(x)\ny = Mul(r, half)", "");
}

}  // namespace
}  // namespace octavo
