#include "prepare/passes/eliminate_identity.h"

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

TEST(EliminateIdentity, LetsReadersReadWhatComesBefore) {
  expect_pass("eliminate_identity", R"(opset 13
input x: float32[2,3]
a = Identity(x)
b = Identity(a)
y = Relu(b)
output y: float32[2,3]
)",
              R"(opset 13
input x: float32[2,3]
y = Relu(x)
output y: float32[2,3]
)");
}

TEST(EliminateIdentity, KeepsTheNamesOfOutputs) {
  expect_pass("eliminate_identity", R"(opset 13
input x: float32[2,3]
a = Relu(x) "relu"
b = Neg(a)
c = Identity(a)
y = Identity(c)
output y: float32[2,3]
output b: float32[2,3]
)",
              R"(opset 13
input x: float32[2,3]
y = Relu(x) "relu"
b = Neg(y)
output y: float32[2,3]
output b: float32[2,3]
)");
}

TEST(EliminateIdentity, KnowsEveryOperatorThatCanDoNothing) {
  constexpr std::string_view kNodes[] = {
      "i = Dropout(a)",
      "i = Dropout(a, half, no)",
      "i = Cast(a) {to=1}",
      "i = Transpose(a) {perm=[0,1]}",
      "i = Reshape(a, keep)",
      "i = Reshape(a, same)",
      "i = Reshape(a, follow)",
      "i = Flatten(a)",
      "i = Pad(a, nothing)",
      "i = Concat(a) {axis=0}",
      "i = Sum(a)",
      "i = Mean(a)",
      "i = Max(a)",
      "i = Min(a)",
      "i = Clip(a)",
      "i = Mul(a, one)",
      "i = Div(a, ones)",
      "i = Add(a, zero)",
      "i = Sub(a, zero)",
  };
  constexpr std::string_view kConstants = R"(opset 13
input x: float32[2,3]
const half: float32[] = 0.5
const no: bool[] = 0
const keep: int64[2] = 0 0
const same: int64[2] = 2 3
const follow: int64[2] = -1 3
const nothing: int64[4] = 0 0 0 0
const one: float32[] = 1
const ones: float32[1,1] = 1
const zero: float32[] = 0
a = Relu(x)
)";
  for (const std::string_view node : kNodes) {
    SCOPED_TRACE(node);
    expect_pass("eliminate_identity",
                fmt::format("{}{}\ny = Neg(i)\noutput y: float32[2,3]\n", kConstants, node),
                fmt::format("{}y = Neg(a)\noutput y: float32[2,3]\n", kConstants));
  }
}

TEST(EliminateIdentity, LeavesWhatDoesSomethingOrMay) {
  constexpr std::string_view kNodes[] = {
      "i = Cast(a) {to=11}",     "i = Transpose(a)",
      "i = Reshape(a, other)",
      "i = Reshape(free, keep)",  // its rank is not known
      "i = Reshape(a, runtime)", "i = Reshape(a, keep) {allowzero=1}",
      "i = Flatten(a) {axis=0}", "i = Flatten(cube)",
      "i = Pad(a, some)",        "i = Concat(a, a) {axis=0}",
      "i = Clip(a, _, one)",     "i = Mul(a, half)",
      "i = Mul(a, cubic)",   // adds a dimension
      "i = Mul(free, row)",  // may add a dimension
      "i = Add(a, zeros)",   // may broadcast
      "i = Sub(zero, a)",        "i = Div(one, a)",
      "i = custom.Identity(a)",
  };
  for (const std::string_view node : kNodes) {
    SCOPED_TRACE(node);
    expect_no_match("eliminate_identity", fmt::format(R"(opset 14
input a: float32[2,3]
input cube: float32[2,3,4]
input free: float32
input runtime: int64[2]
const half: float32[] = 0.5
const other: int64[2] = 3 2
const keep: int64[2] = 0 0
const some: int64[4] = 0 1 0 0
const one: float32[] = 1
const cubic: float32[1,1,1] = 1
const row: float32[1] = 1
const zero: float32[] = 0
const zeros: float32[2,3] = 0 0 0 0 0 0
{}
y = Neg(i)
output y: float32
)",
                                                      node));
  }
}

TEST(EliminateIdentity, RefusesWhenBothNamesAreKnownOutside) {
  expect_refused("eliminate_identity", R"(opset 13
input x: float32[2,3]
y = Identity(x) "id"
output y: float32[2,3]
)",
                 "id", "'x' and 'y' are both names known outside");
  expect_refused("eliminate_identity", R"(opset 13
input x: float32[2,3]
a = Relu(x)
y = Identity(a) "id"
output y: float32[2,3]
output a: float32[2,3]
)",
                 "id", "'a' and 'y' are both names known outside");
  expect_refused("eliminate_identity", R"(opset 13
const a: float32[1] = 1
y = Identity(a) "id"
output y: float32[1]
)",
                 "id", "'a' and 'y' are both names known outside");
}

constexpr std::string_view kBody = R"(z = If(yes)
  begin then_branch
    t = Relu(i)
    output t: float32
  end
  begin else_branch
    e = Neg(i)
    output e: float32
  end
output z: float32
)";

TEST(EliminateIdentity, RefusesWhatABodyReads) {
  expect_refused("eliminate_identity",
                 std::string("opset 13\ninput x: float32[2,3]\nconst yes: bool[] = 1\n"
                             "i = Identity(x) \"id\"\n") +
                     std::string(kBody),
                 "id", "a body reads 'i'");
  expect_refused("eliminate_identity",
                 std::string("opset 13\ninput x: float32[2,3]\nconst yes: bool[] = 1\n"
                             "i = Relu(x)\ny = Identity(i) \"id\"\noutput y: float32\n") +
                     std::string(kBody),
                 "id", "'i' and 'y' are both names known outside");
}

TEST(EliminateIdentity, RefusesDropoutThatTrains) {
  expect_refused("eliminate_identity", R"(opset 13
input x: float32[2,3]
const half: float32[] = 0.5
const yes: bool[] = 1
i = Dropout(x, half, yes) "drop"
y = Relu(i)
output y: float32[2,3]
)",
                 "drop", "it may be training");
  expect_refused("eliminate_identity", R"(opset 13
input x: float32[2,3]
i, mask = Dropout(x) "drop"
y = Relu(i)
output y: float32[2,3]
output mask: bool[2,3]
)",
                 "drop", "its mask is read");
}

}  // namespace
}  // namespace octavo
