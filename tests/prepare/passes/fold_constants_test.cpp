#include "prepare/passes/fold_constants.h"

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

TEST(FoldConstants, ComputesWhatDependsOnConstantsAlone) {
  expect_pass("fold_constants", R"(opset 13
input x: float32[N,2]
const v: float32[3,2] = 1 2 3 4 5 6
const two: float32[] = 2
t = Transpose(v) "transpose"
w = Mul(t, two) "double"
y = MatMul(x, w) "dense"
output y: float32[N,3]
)",
              R"(opset 13
input x: float32[N,2]
const v: float32[3,2] = 1 2 3 4 5 6
const two: float32[] = 2
const w: float32[2,3] = 2 6 10 4 8 12
t = Transpose(v) "transpose"
y = MatMul(x, w) "dense"
output y: float32[N,3]
)");
}

TEST(FoldConstants, KeepsEveryOutputThatIsRead) {
  expect_pass("fold_constants", R"(opset 13
input x: float32[4]
const v: float32[4] = 1 2 3 4
a, b = Split(v) {axis=0}
y = Concat(b, x, a) {axis=0}
output y: float32[8]
)",
              R"(opset 13
input x: float32[4]
const v: float32[4] = 1 2 3 4
const a: float32[2] = 1 2
const b: float32[2] = 3 4
y = Concat(b, x, a) {axis=0}
output y: float32[8]
)");
}

TEST(FoldConstants, FoldsWhatABodyReads) {
  expect_pass("fold_constants", R"(opset 13
input x: float32[1]
const yes: bool[] = 1
const v: float32[1] = 4
a = Sqrt(v)
y = If(yes)
  begin else_branch
    e = Sub(x, a)
    output e: float32[1]
  end
  begin then_branch
    t = Add(x, a)
    output t: float32[1]
  end
output y: float32[1]
)",
              R"(opset 13
input x: float32[1]
const yes: bool[] = 1
const v: float32[1] = 4
const a: float32[1] = 2
y = If(yes)
  begin else_branch
    e = Sub(x, a)
    output e: float32[1]
  end
  begin then_branch
    t = Add(x, a)
    output t: float32[1]
  end
output y: float32[1]
)");
}

TEST(FoldConstants, RefusesToGrowTheFile) {
  expect_refused("fold_constants", R"(opset 13
input x: float32[1]
const shape: int64[1] = 300000
a = ConstantOfShape(shape) "grow"
y = Add(x, a)
output y: float32[300000]
)",
                 "grow", "would take 1200000 bytes");
}

TEST(FoldConstants, ReportsWhatTheExecutorRefuses) {
  expect_refused("fold_constants", R"(opset 13
input x: float32[2]
const v: float32[2] = 1 2
a = NoSuchOperator(v) "odd"
y = Add(x, a)
output y: float32[2]
)",
                 "odd", "NoSuchOperator");
}

TEST(FoldConstants, NeverLooksAtSomeNodes) {
  for (const std::string_view node : {"a = RandomNormalLike(v)", "a = QuantizeLinear(v, s, zero)",
                                      "a = com.microsoft.Gelu(v)", "a = Relu(x)"}) {
    SCOPED_TRACE(node);
    expect_no_match("fold_constants", fmt::format(R"(opset 13
opset com.microsoft 1
input x: float32[2]
const v: float32[2] = 1 2
const s: float32[] = 1
const zero: int8[] = 0
{}
b = Cast(a) {{to=1}}
y = Add(x, b)
output y: float32[2]
)",
                                                  node));
  }
}

TEST(FoldConstants, LeavesOutputsOfTheGraph) {
  expect_no_match("fold_constants", R"(opset 13
const v: float32[2] = 1 2
y = Neg(v)
output y: float32[2]
)");
}

TEST(FoldConstants, DoesNothingWithoutAnEvaluator) {
  const Model model = testing::parse_graph(
      "opset 13\ninput x: float32[2]\nconst v: float32[2] = 1 2\n"
      "a = Neg(v)\ny = Add(x, a)\noutput y: float32[2]\n");
  for (const PassReport& report : prepare(model, {}).passes) {
    if (report.pass != "fold_constants") continue;
    EXPECT_TRUE(report.changes.empty());
  }
}

}  // namespace
}  // namespace octavo
