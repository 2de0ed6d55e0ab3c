#include "prepare/passes/fold_scale.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "onnx/onnx-ml.pb.h"
#include "prepare/pass_testing.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;

// What becomes of a Conv with weights {1, 2}, bias {3, 4} and `node` behind it.
void expect_conv_becomes(std::string_view node, std::string_view weights, std::string_view bias) {
  SCOPED_TRACE(node);
  constexpr std::string_view kText = R"(opset 13
input x: float32[N,1,2,2]
const w: float32[2,1,1,1] = {}
const b: float32[2] = {}
const k: float32[2,1,1] = 2 -4
const one: float32[] = 8
{}
output y: float32[N,2,2,2]
)";
  expect_pass("fold_scale",
              fmt::format(kText, "1 2", "3 4",
                          fmt::format("c = Conv(x, w, b) \"conv\"\ny = {} \"op\"", node)),
              fmt::format(kText, weights, bias, "y = Conv(x, w, b) \"conv\""));
}

TEST(FoldScale, FoldsEveryOperation) {
  expect_conv_becomes("Mul(c, k)", "2 -8", "6 -16");
  expect_conv_becomes("Mul(k, c)", "2 -8", "6 -16");
  expect_conv_becomes("Mul(c, one)", "8 16", "24 32");
  expect_conv_becomes("Div(c, k)", "0.5 -0.5", "1.5 -1");
  expect_conv_becomes("Add(c, k)", "1 2", "5 0");
  expect_conv_becomes("Add(one, c)", "1 2", "11 12");
  expect_conv_becomes("Sub(c, k)", "1 2", "1 8");
  expect_conv_becomes("Sub(k, c)", "-1 -2", "-1 -8");
}

TEST(FoldScale, FoldsAChain) {
  expect_pass("fold_scale", R"(opset 13
input x: float32[N,2]
const w: float32[2,2] = 1 2 3 4
const k: float32[2] = 2 3
const two: float32[1,1] = 2
g = Gemm(x, w) {transB=1} "fc"
m = Mul(g, k)
a = Add(m, two)
y = Div(a, two)
output y: float32[N,2]
)",
              R"(opset 13
input x: float32[N,2]
const w: float32[2,2] = 1 2 4.5 6
const k: float32[2] = 2 3
const two: float32[1,1] = 2
const fc_bias: float32[2] = 1 1
y = Gemm(x, w, fc_bias) {transB=1} "fc"
output y: float32[N,2]
)");
}

TEST(FoldScale, ScalesTheColumnsOfAMatMul) {
  expect_pass("fold_scale", R"(opset 13
input x: float32[N,3,2]
const w: float32[2,2] = 1 2 3 4
const k: float32[2] = 2 3
m = MatMul(x, w)
y = Mul(m, k)
output y: float32[N,3,2]
)",
              R"(opset 13
input x: float32[N,3,2]
const w: float32[2,2] = 2 6 6 12
const k: float32[2] = 2 3
y = MatMul(x, w)
output y: float32[N,3,2]
)");
}

constexpr std::string_view kLayer = R"(opset 13
input x: float32[N,1,2,2]
input r: float32[N,2]
input p: float32[2,1,1,1]
const w: float32[2,1,1,1] = 1 2
const v: float32[2,2] = 1 2 3 4
const k: float32[2,1,1] = 2 4
const zero: float32[2,1,1] = 2 0
const row: float32[2] = 2 4
const wide: float32[1,1,1,1,1] = 2
const pixels: float32[2,2,2] = 1 2 3 4 5 6 7 8
const line: float32[1,2] = 2 4
)";

void expect_layer_refused(std::string_view nodes, std::string_view reason) {
  SCOPED_TRACE(nodes);
  expect_refused("fold_scale", std::string(kLayer) + std::string(nodes) + "\noutput y\n", "op",
                 reason);
}

TEST(FoldScale, RefusesNamingTheReason) {
  expect_layer_refused("c = Conv(x, w)\ny = Mul(c, k) \"op\"\noutput c", "or is an output");
  expect_layer_refused("c = Conv(x, w)\ny = Mul(c, k) \"op\"\nz = Relu(c)\noutput z",
                       "'c' is read elsewhere");
  expect_layer_refused("c = Conv(x, p)\ny = Mul(c, k) \"op\"", "weights 'p'");
  expect_layer_refused("c = Conv(x, w)\ny = Div(c, zero) \"op\"", "leave their type's range");
}

TEST(FoldScale, LeavesOtherArithmetic) {
  expect_layer_refused("c = Conv(x, w)\ny = Div(k, c)", "");
  expect_layer_refused("c = Conv(x, w)\ny = Mul(c, row)", "");     // along the width
  expect_layer_refused("c = Conv(x, w)\ny = Mul(c, wide)", "");    // adds a dimension
  expect_layer_refused("c = Conv(x, w)\ny = Mul(c, pixels)", "");  // one a pixel
  expect_layer_refused("c = Conv(x, w)\ny = Mul(c, c)", "");
  expect_layer_refused("c = MatMul(r, v)\ny = Add(c, row)", "");   // is fuse_matmul_add's
  expect_layer_refused("c = MatMul(r, v)\ny = Mul(c, line)", "");  // r may have one dimension
  expect_layer_refused("c = Relu(x)\ny = Mul(c, k)", "");
}

}  // namespace
}  // namespace octavo
