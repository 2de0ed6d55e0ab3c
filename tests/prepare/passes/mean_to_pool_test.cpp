#include "prepare/passes/mean_to_pool.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string_view>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_no_match;
using testing::expect_pass;
using testing::expect_refused;

TEST(MeanToPool, PoolsTheMeanOfAnImage) {
  expect_pass("mean_to_pool", R"(opset 18
input x: float32[2,3,4,5]
const axes: int64[2] = -1 2
y = ReduceMean(x, axes) "mean"
output y: float32[2,3,1,1]
)",
              R"(opset 18
input x: float32[2,3,4,5]
const axes: int64[2] = -1 2
y = GlobalAveragePool(x) "mean"
output y: float32[2,3,1,1]
)");
}

TEST(MeanToPool, FlattensWhereDimensionsGoAway) {
  expect_pass("mean_to_pool", R"(opset 13
input x: float32[2,3,4,5,2]
y = ReduceMean(x) {axes=[2,3,4], keepdims=0} "mean"
output y: float32[2,3]
)",
              R"(opset 13
input x: float32[2,3,4,5,2]
y_pooled = GlobalAveragePool(x) "mean"
y = Flatten(y_pooled) "mean_flat"
output y: float32[2,3]
)");
}

TEST(MeanToPool, KeepsFreeDimensions) {
  expect_pass("mean_to_pool", R"(opset 13
input x: float32[N,3,H,W]
y = ReduceMean(x) {axes=[3,2]} "mean"
output y: float32[N,3,1,1]
)",
              R"(opset 13
input x: float32[N,3,H,W]
y = GlobalAveragePool(x) "mean"
output y: float32[N,3,1,1]
)");
}

TEST(MeanToPool, LeavesOtherMeans) {
  for (const std::string_view node :
       {"y = ReduceMean(x) {axes=[1,2]}", "y = ReduceMean(x) {axes=[3]}", "y = ReduceMean(x)",
        "y = ReduceMean(x) {axes=[1,2,3]}", "y = ReduceMean(tokens) {axes=[-1]}",
        "y = ReduceMean(whole) {axes=[2,3]}", "y = ReduceMax(x) {axes=[2,3]}"}) {
    SCOPED_TRACE(node);
    expect_no_match("mean_to_pool", fmt::format("opset 13\ninput x: float32[2,3,4,5]\n"
                                                "input tokens: float32[2,3,4]\n"
                                                "input whole: int32[2,3,4,5]\n{}\noutput y\n",
                                                node));
  }
}

TEST(MeanToPool, LeavesAxesThatACallerFeeds) {
  expect_no_match("mean_to_pool", R"(opset 18
input x: float32[2,3,4,5]
input axes: int64[2]
y = ReduceMean(x, axes)
output y
)");
}

TEST(MeanToPool, RefusesAnUnknownRank) {
  expect_refused("mean_to_pool", R"(opset 13
input x
y = ReduceMean(x) {axes=[2,3]} "mean"
output y
)",
                 "mean", "the type or rank of 'x' is not known");
}

}  // namespace
}  // namespace octavo
