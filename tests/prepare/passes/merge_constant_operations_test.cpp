#include "prepare/passes/merge_constant_operations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;

TEST(MergeConstantOperations, MultipliesOnce) {
  expect_pass("merge_constant_operations", R"(opset 13
input x: float32[N,2,2]
const k: float32[2,1] = 2 3
const l: float32[] = 5
const m: float32[2,2] = 1 2 3 4
a = Mul(x, k) "first"
b = Mul(l, a) "second"
y = Mul(b, m) "third"
output y: float32[N,2,2]
)",
              R"(opset 13
input x: float32[N,2,2]
const k: float32[2,1] = 2 3
const l: float32[] = 5
const m: float32[2,2] = 1 2 3 4
const k_merged: float32[2,1] = 10 15
const k_merged_merged: float32[2,2] = 10 20 45 60
y = Mul(x, k_merged_merged) "third"
output y: float32[N,2,2]
)");
}

TEST(MergeConstantOperations, AddsOnce) {
  expect_pass("merge_constant_operations", R"(opset 13
input x: float32[N,2]
const k: float32[] = 2
const l: float32[1,2] = 5 6
a = Add(x, k)
y = Add(l, a)
output y: float32[N,2]
)",
              R"(opset 13
input x: float32[N,2]
const k: float32[] = 2
const l: float32[1,2] = 5 6
const k_merged: float32[1,2] = 7 8
y = Add(x, k_merged)
output y: float32[N,2]
)");
}

constexpr std::string_view kConstants = R"(opset 13
input x: float32[N,2,2]
const k: float32[2,1] = 2 3
const row: float32[2] = 5 6
const huge: float32[] = 1e30
const i: int64[] = 3
)";

void expect_left(std::string_view nodes, std::string_view reason) {
  SCOPED_TRACE(nodes);
  expect_refused("merge_constant_operations",
                 std::string(kConstants) + std::string(nodes) + "\noutput y\n", "second", reason);
}

TEST(MergeConstantOperations, RefusesAResultThatIsReadElsewhere) {
  expect_left("a = Mul(x, k)\ny = Mul(a, k) \"second\"\nz = Relu(a)\noutput z",
              "'a' is read elsewhere");
  expect_left("a = Mul(x, k)\ny = Mul(a, k) \"second\"\noutput a", "or is an output");
}

TEST(MergeConstantOperations, LeavesOtherChains) {
  expect_left("a = Mul(x, k)\ny = Mul(a, row)", "");  // the product would be larger than both
  expect_left("a = Mul(x, k)\ny = Add(a, k)", "");
  expect_left("a = Mul(x, x)\ny = Mul(a, k)", "");
  expect_left("a = Mul(x, huge)\ny = Mul(a, huge)", "");
  expect_left("a = Cast(x) {to=7}\nb = Mul(a, i)\ny = Mul(b, i)", "");
}

}  // namespace
}  // namespace octavo
