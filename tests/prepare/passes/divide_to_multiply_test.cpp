#include "prepare/passes/divide_to_multiply.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string_view>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;
using testing::expect_refused;

TEST(DivideToMultiply, MultipliesByTheReciprocal) {
  expect_pass("divide_to_multiply", R"(opset 13
input x: float32[2,2]
const k: float32[2] = 4 -0.5
y = Div(x, k) "div"
output y: float32[2,2]
)",
              R"(opset 13
input x: float32[2,2]
const k: float32[2] = 4 -0.5
const k_reciprocal: float32[2] = 0.25 -2
y = Mul(x, k_reciprocal) "div"
output y: float32[2,2]
)");
}

TEST(DivideToMultiply, RefusesWhatHasNoReciprocal) {
  for (const std::string_view value : {"0", "1e-40", "3e38", "1e999"}) {
    SCOPED_TRACE(value);
    expect_refused("divide_to_multiply",
                   fmt::format("opset 13\ninput x: float32[2]\nconst k: float32[2] = 1 {}\n"
                               "y = Div(x, k) \"div\"\noutput y: float32[2]\n",
                               value),
                   "div", "'k' has no normal reciprocal");
  }
}

TEST(DivideToMultiply, LeavesOtherDivisions) {
  for (const std::string_view node : {"y = Div(k, x)", "y = Div(x, x)", "y = Div(i, j)"}) {
    SCOPED_TRACE(node);
    expect_no_match("divide_to_multiply",
                    fmt::format("opset 13\ninput x: float32[2]\ninput i: int64[2]\n"
                                "const k: float32[2] = 1 2\nconst j: int64[2] = 2 3\n"
                                "{}\noutput y\n",
                                node));
  }
}

}  // namespace
}  // namespace octavo
