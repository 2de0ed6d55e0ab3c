#include "prepare/passes/constants_to_initializers.h"

#include <gtest/gtest.h>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;

TEST(ConstantsToInitializers, KeepsTheirNames) {
  expect_pass("constants_to_initializers", R"(opset 13
input x: float32[2]
a = Constant() {value=float32[2](1 2)}
b = Constant() {value_float=3.0}
c = Constant() {value_floats=[4.0,5.0]}
i = Constant() {value_int=0}
j = Constant() {value_ints=[0]}
k = Constant() {value_ints=[]}
y = Sum(x, a, b, c)
u = Gather(x, i)
v = Gather(x, j)
w = Reshape(u, k)
output y: float32[2]
output v: float32[1]
output w: float32[]
)",
              R"(opset 13
input x: float32[2]
const a: float32[2] = 1 2
const b: float32[] = 3
const c: float32[2] = 4 5
const i: int64[] = 0
const j: int64[1] = 0
const k: int64[0] = 
y = Sum(x, a, b, c)
u = Gather(x, i)
v = Gather(x, j)
w = Reshape(u, k)
output y: float32[2]
output v: float32[1]
output w: float32[]
)");
}

TEST(ConstantsToInitializers, RefusesOutputsAndStrings) {
  expect_refused("constants_to_initializers",
                 "opset 13\ny = Constant() {value=float32[1](1)} \"c\"\noutput y: float32[1]\n",
                 "c", "an output of the graph");
  expect_refused("constants_to_initializers",
                 "opset 13\ninput x: float32[1]\ns = Constant() {value_string=\"a\"} \"c\"\n"
                 "y = Identity(s)\noutput y\n",
                 "c", "neither a dense tensor nor numbers");
}

}  // namespace
}  // namespace octavo
