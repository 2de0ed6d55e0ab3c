#include "prepare/passes/remove_dead.h"

#include <gtest/gtest.h>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;

TEST(RemoveDead, RemovesWhatNothingReads) {
  expect_pass("remove_dead", R"(opset 13
input x: float32[2]
input unused: float32[2]
const w: float32[2] = 1 2
const v: float32[2] = 3 4
a = Mul(x, w) "dead 1"
b = Relu(a) "dead 2"
y, kept = Split(x) {axis=0}
output y: float32[1]
)",
              R"(opset 13
input x: float32[2]
input unused: float32[2]
y, kept = Split(x) {axis=0}
output y: float32[1]
)");
}

TEST(RemoveDead, KeepsWhatABodyReads) {
  expect_no_match("remove_dead", R"(opset 13
input x: float32[2]
const yes: bool[] = 1
const w: float32[2] = 1 2
a = Relu(x)
y = If(yes)
  begin else_branch
    e = Mul(a, w)
    output e: float32[2]
  end
  begin then_branch
    t = Neg(a)
    output t: float32[2]
  end
output y: float32[2]
)");
}

}  // namespace
}  // namespace octavo
