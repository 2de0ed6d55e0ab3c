#include "prepare/passes/merge_duplicates.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;
using testing::expect_refused;

TEST(MergeDuplicates, KeepsTheFirst) {
  expect_pass("merge_duplicates", R"(opset 13
input x: float32[2,3]
a = Softmax(x) {axis=1} "first"
b = Softmax(x) {axis=1} "second"
c = Softmax(x) {axis=0} "other"
d = Relu(a)
e = Relu(b)
y = Sum(c, d, e)
output y: float32[2,3]
)",
              R"(opset 13
input x: float32[2,3]
a = Softmax(x) {axis=1} "first"
c = Softmax(x) {axis=0} "other"
d = Relu(a)
y = Sum(c, d, d)
output y: float32[2,3]
)");
}

TEST(MergeDuplicates, RefusesResultsKnownOutside) {
  expect_refused("merge_duplicates", R"(opset 13
input x: float32[2,3]
a = Relu(x) "first"
b = Relu(x) "second"
output a: float32[2,3]
output b: float32[2,3]
)",
                 "second", "is an output or read by a body");
}

TEST(MergeDuplicates, LeavesWhatIsRandomOrDiffers) {
  for (const std::string_view nodes :
       {"a = RandomNormalLike(x)\nb = RandomNormalLike(x)",
        "a = Constant() {value_float=1.0}\nb = Constant() {value_float=1.0}",
        "a = Sub(x, c)\nb = Sub(c, x)", "a = Relu(x)\nb = custom.Relu(x)",
        "a = custom.Odd(x)\nb = custom.Odd(x)", "a = LeakyRelu(x)\nb = LeakyRelu(x) {alpha=0.5}"}) {
    SCOPED_TRACE(nodes);
    expect_no_match("merge_duplicates",
                    fmt::format("opset 13\ninput x: float32[2]\ninput c: float32[2]\n{}\n"
                                "y = Add(a, b)\noutput y\n",
                                nodes));
  }
}

}  // namespace
}  // namespace octavo
