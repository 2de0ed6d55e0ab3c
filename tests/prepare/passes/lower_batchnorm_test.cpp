#include "prepare/passes/lower_batchnorm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;
using testing::expect_refused;

TEST(LowerBatchnorm, BecomesMulAndAdd) {
  expect_pass("lower_batchnorm", R"(opset 13
input x: float32[N,2,3,3]
const g: float32[2] = 4 -1
const b: float32[2] = 10 20
const m: float32[2] = 1 2
const v: float32[2] = 4 1
n = BatchNormalization(x, g, b, m, v) {epsilon=0.0} "bn"
y = Relu(n)
output y: float32[N,2,3,3]
)",
              R"(opset 13
input x: float32[N,2,3,3]
const g: float32[2] = 4 -1
const b: float32[2] = 10 20
const m: float32[2] = 1 2
const v: float32[2] = 4 1
const n_scale: float32[2,1,1] = 2 -1
const n_shift: float32[2,1,1] = 8 22
n_scaled = Mul(x, n_scale) "bn_mul"
n = Add(n_scaled, n_shift) "bn"
y = Relu(n)
output y: float32[N,2,3,3]
)");
}

TEST(LowerBatchnorm, FoldsForwardIntoAConvWithoutPads) {
  expect_pass("lower_batchnorm", R"(opset 13
input x: float32[N,2,3,3]
const g: float32[2] = 4 -1
const b: float32[2] = 10 20
const m: float32[2] = 1 2
const v: float32[2] = 4 1
const w: float32[1,2,1,1] = 3 5
n = BatchNormalization(x, g, b, m, v) {epsilon=0.0} "bn"
y = Conv(n, w) "conv"
output y: float32[N,1,3,3]
)",
              R"(opset 13
input x: float32[N,2,3,3]
const g: float32[2] = 4 -1
const b: float32[2] = 10 20
const m: float32[2] = 1 2
const v: float32[2] = 4 1
const w: float32[1,2,1,1] = 6 -5
const conv_bias: float32[1] = 134
y = Conv(x, w, conv_bias) "conv"
output y: float32[N,1,3,3]
)");
}

// Random parameters; the executor tells whether the numbers are right.
void expect_lowered(std::string_view layer, std::string_view input, std::string_view weights,
                    std::string_view channels, std::size_t nodes) {
  SCOPED_TRACE(layer);
  const Model model = testing::parse_graph(fmt::format(R"(opset 13
input x: float32[{0}]
const w: float32[{1}] = random(1)
const a: float32[3] = random(2)
const g: float32[{2}] = random(3)
const b: float32[{2}] = random(4)
const m: float32[{2}] = random(5)
const v: float32[{2}] = random(6, 0.1, 2)
n = BatchNormalization(x, g, b, m, v)
y = {3}
output y: float32
)",
                                                       input, weights, channels, layer));
  const PreparedModel lowered = testing::run_only(model, "lower_batchnorm");
  EXPECT_EQ(static_cast<std::size_t>(lowered.model.proto().graph().node_size()), nodes);
  testing::expect_same_outputs(model, lowered.model);
}

TEST(LowerBatchnorm, ComputesTheSameBeforeEveryLayer) {
  expect_lowered("Conv(n, w)", "N,4,5,5", "3,4,3,3", "4", 1);
  expect_lowered("Conv(n, w) {group=2}", "N,4,5", "6,2,3", "4", 1);
  expect_lowered("Conv(n, w) {auto_pad=\"VALID\"}", "N,4,5", "6,4,3", "4", 1);
  expect_lowered("Gemm(n, w, a) {alpha=0.5, beta=2.0}", "N,4", "4,3", "4", 1);
  expect_lowered("Gemm(n, w, a) {transB=1}", "N,4", "3,4", "4", 1);
  expect_lowered("MatMul(n, w)", "N,4", "4,3", "4", 1);
  // Not exact, so arithmetic: padding, products of another layout, two readers.
  expect_lowered("Conv(n, w) {pads=[1,1]}", "N,4,5", "6,4,3", "4", 3);
  expect_lowered("Conv(n, w) {auto_pad=\"SAME_UPPER\"}", "N,4,5", "6,4,3", "4", 3);
  expect_lowered("ConvTranspose(n, w)", "N,4,5", "4,2,3", "4", 3);
  expect_lowered("MatMul(n, w)", "N,4,5", "5,3", "4", 3);
  expect_lowered("Mul(n, n)", "N,4,5", "5,3", "4", 3);
}

TEST(LowerBatchnorm, RefusesNamingTheReason) {
  const auto expect_reason = [](std::string_view nodes, std::string_view reason) {
    SCOPED_TRACE(nodes);
    expect_refused("lower_batchnorm",
                   fmt::format(R"(opset 14
input x: float32[N,2,3,3]
input free: float32
input p: float32[2]
const s: float32[2] = 1 2
const negative: float32[2] = -1 -2
{}
output y
)",
                               nodes),
                   "bn", reason);
  };
  expect_reason("y = BatchNormalization(free, s, s, s, s) \"bn\"", "rank of 'free'");
  expect_reason("y = BatchNormalization(x, s, s, p, s) \"bn\"", "parameter 'p' is not constant");
  expect_reason("y, a, b = BatchNormalization(x, s, s, s, s) {training_mode=1} \"bn\"",
                "training mode");
  expect_reason("y = BatchNormalization(x, s, s, s, negative) \"bn\"", "leaves the range");
}

TEST(LowerBatchnorm, LeavesWhatFoldsBackward) {
  expect_no_match("lower_batchnorm", R"(opset 13
input x: float32[N,1,3,3]
const w: float32[2,1,1,1] = 1 2
const s: float32[2] = 1 2
c = Conv(x, w)
y = BatchNormalization(c, s, s, s, s)
output y: float32
)");
}

}  // namespace
}  // namespace octavo
