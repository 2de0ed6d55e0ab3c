#include "prepare/passes/lower_hard_activations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;

TEST(LowerHardActivations, WritesHardSigmoidOut) {
  expect_pass("lower_hard_activations", R"(opset 13
input x: float32[N,2]
y = HardSigmoid(x) {alpha=0.25} "gate"
output y: float32[N,2]
)",
              R"(opset 13
input x: float32[N,2]
const y_alpha: float32[] = 0.25
const y_beta: float32[] = 0.5
const y_one: float32[] = 1
const y_zero: float32[] = 0
y_scaled = Mul(x, y_alpha) "y_scaled"
y_shifted = Add(y_scaled, y_beta) "y_shifted"
y = Clip(y_shifted, y_zero, y_one) "gate"
output y: float32[N,2]
)");
}

TEST(LowerHardActivations, KnowsTheDefaultsOfHardSigmoid) {
  expect_pass("lower_hard_activations",
              "opset 13\ninput x: float32[N,2]\ny = HardSigmoid(x)\noutput y: float32[N,2]\n",
              R"(opset 13
input x: float32[N,2]
const y_alpha: float32[] = 0.2
const y_beta: float32[] = 0.5
const y_one: float32[] = 1
const y_zero: float32[] = 0
y_scaled = Mul(x, y_alpha) "y_scaled"
y_shifted = Add(y_scaled, y_beta) "y_shifted"
y = Clip(y_shifted, y_zero, y_one)
output y: float32[N,2]
)");
}

TEST(LowerHardActivations, WritesHardSwishOut) {
  expect_pass("lower_hard_activations", R"(opset 14
input x: float32[N,2]
y = HardSwish(x) "swish"
output y: float32[N,2]
)",
              R"(opset 14
input x: float32[N,2]
const y_six: float32[] = 6
const y_sixth: float32[] = 0.16666667
const y_three: float32[] = 3
const y_zero: float32[] = 0
y_shifted = Add(x, y_three) "y_shifted"
y_gate = Clip(y_shifted, y_zero, y_six) "y_gate"
y_gated = Mul(x, y_gate) "y_gated"
y = Mul(y_gated, y_sixth) "swish"
output y: float32[N,2]
)");
}

TEST(LowerHardActivations, RefusesUnknownTypes) {
  expect_refused("lower_hard_activations",
                 "opset 14\ninput x\ny = HardSwish(x) \"swish\"\noutput y\n", "swish",
                 "the element type of 'x' is not known");
}

}  // namespace
}  // namespace octavo
