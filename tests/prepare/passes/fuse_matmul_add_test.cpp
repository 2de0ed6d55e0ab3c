#include "prepare/passes/fuse_matmul_add.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string_view>

#include "prepare/pass_testing.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;
using testing::parse_graph;

TEST(FuseMatmulAdd, MakesAGemm) {
  for (const std::string_view add : {"Add(m, b)", "Add(b, m)"}) {
    expect_pass("fuse_matmul_add",
                fmt::format(R"(opset 13
input x: float32[N,3]
const w: float32[3,2] = 1 2 3 4 5 6
const b: float32[2] = 1 2
m = MatMul(x, w) "dense"
y = {} "bias"
output y: float32[N,2]
)",
                            add),
                R"(opset 13
input x: float32[N,3]
const w: float32[3,2] = 1 2 3 4 5 6
const b: float32[2] = 1 2
y = Gemm(x, w, b) "dense"
output y: float32[N,2]
)");
  }
}

TEST(FuseMatmulAdd, SpreadsAScalarBias) {
  expect_pass("fuse_matmul_add", R"(opset 13
input x: float32[N,3]
const w: float32[3,2] = 1 2 3 4 5 6
const b: float32[] = 7
m = MatMul(x, w)
y = Add(m, b)
output y: float32[N,2]
)",
              R"(opset 13
input x: float32[N,3]
const w: float32[3,2] = 1 2 3 4 5 6
const b: float32[] = 7
const b_row: float32[2] = 7 7
y = Gemm(x, w, b_row)
output y: float32[N,2]
)");
}

TEST(FuseMatmulAdd, FollowsShapesThatNothingDeclares) {
  const Model model = parse_graph(R"(opset 13
input x: float32[N,3,1,1]
const w: float32[3,2] = 1 2 3 4 5 6
const b: float32[2] = 1 2
const shape: int64[2] = -1 3
r = Reshape(x, shape)
a = Relu(r)
m = MatMul(a, w)
y = Add(m, b)
output y: float32[N,2]
)");
  EXPECT_EQ(testing::run_only(model, "fuse_matmul_add").passes.front().changes.size(), 1U);
}

void expect_fusion_refused(std::string_view nodes, std::string_view reason) {
  SCOPED_TRACE(nodes);
  expect_refused("fuse_matmul_add",
                 fmt::format(R"(opset 13
input x: float32[N,3]
input cube: float32[N,4,3]
input free: float32
input p: float32[3,2]
const w: float32[3,2] = 1 2 3 4 5 6
const b: float32[2] = 1 2
const table: float32[2,2] = 1 2 3 4
const cubic: float32[1,1,2] = 1 2
{}
output y
)",
                             nodes),
                 "add", reason);
}

TEST(FuseMatmulAdd, RefusesNamingTheReason) {
  expect_fusion_refused("m = MatMul(cube, w)\ny = Add(m, b) \"add\"", "'cube' is not known");
  expect_fusion_refused("m = MatMul(free, w)\ny = Add(m, b) \"add\"", "'free' is not known");
  expect_fusion_refused("m = MatMul(x, p)\ny = Add(m, b) \"add\"", "weights 'p'");
  expect_fusion_refused("m = MatMul(x, w)\ny = Add(m, b) \"add\"\nz = Relu(m)\noutput z",
                        "'m' is read elsewhere");
  expect_fusion_refused("m = MatMul(x, w)\ny = Add(m, b) \"add\"\noutput m", "or is an output");
}

TEST(FuseMatmulAdd, LeavesWhatIsNoBias) {
  expect_fusion_refused("m = MatMul(x, w)\ny = Add(m, table)", "");
  expect_fusion_refused("m = MatMul(x, w)\ny = Add(m, cubic)", "");
  expect_fusion_refused("m = MatMul(x, w)\ny = Add(m, m)", "");
  expect_fusion_refused("m = MatMul(x, w)\ny = Sub(m, b)", "");
}

}  // namespace
}  // namespace octavo
