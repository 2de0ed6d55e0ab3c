#include "prepare/passes/fold_pad.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "prepare/pass_testing.h"

namespace octavo {
namespace {

using testing::expect_pass;
using testing::expect_refused;

TEST(FoldPad, AddsToThePadsOfTheConv) {
  expect_pass("fold_pad", R"(opset 13
input x: float32[N,2,4,4]
const w: float32[1,2,3,3] = fill(0.5)
const pads: int64[8] = 0 0 1 2 0 0 3 0
p = Pad(x, pads) "pad"
y = Conv(p, w) {pads=[1,0,0,1]} "conv"
output y: float32[N,1,7,5]
)",
              R"(opset 13
input x: float32[N,2,4,4]
const w: float32[1,2,3,3] = fill(0.5)
const pads: int64[8] = 0 0 1 2 0 0 3 0
y = Conv(x, w) {pads=[2,2,3,1]} "conv"
output y: float32[N,1,7,5]
)");
}

TEST(FoldPad, FoldsIntoEveryReader) {
  expect_pass("fold_pad", R"(opset 18
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 2
const pads: int64[4] = 1 0 0 2
const axes: int64[2] = -1 2
const zero: float32[] = 0
p = Pad(x, pads, zero, axes)
a = Conv(p, w)
b = Conv(p, w) {auto_pad="VALID", strides=[2,2]}
output a: float32[N,1,4,3]
output b: float32[N,1,2,2]
)",
              R"(opset 18
input x: float32[N,1,2,2]
const w: float32[1,1,1,1] = 2
const pads: int64[4] = 1 0 0 2
const axes: int64[2] = -1 2
const zero: float32[] = 0
a = Conv(x, w) {pads=[0,1,2,0]}
b = Conv(x, w) {pads=[0,1,2,0], strides=[2,2]}
output a: float32[N,1,4,3]
output b: float32[N,1,2,2]
)");
}

void expect_pad_refused(std::string_view nodes, std::string_view reason) {
  SCOPED_TRACE(nodes);
  expect_refused("fold_pad",
                 fmt::format(R"(opset 13
input x: float32[N,1,4,4]
input runtime: int64[8]
input p_weights: float32[1,1,1,1]
const w: float32[1,1,1,1] = 2
const pads: int64[8] = 0 0 1 1 0 0 1 1
const channels: int64[8] = 0 1 1 1 0 0 1 1
const cut: int64[8] = 0 0 -1 0 0 0 1 1
const one: float32[] = 1
{}
output y
)",
                             nodes),
                 "pad", reason);
}

TEST(FoldPad, RefusesNamingTheReason) {
  expect_pad_refused("p = Pad(x, pads) \"pad\"\ny = Conv(p, w)\nz = Relu(p)\noutput z",
                     "'p' is read by something other");
  expect_pad_refused("p = Pad(x, pads) \"pad\"\ny = MaxPool(p) {kernel_shape=[2,2]}",
                     "'p' is read by something other");
  expect_pad_refused("p = Pad(x, pads) \"pad\"\ny = Conv(p, w)\noutput p", "or is an output");
  expect_pad_refused("p = Pad(x, runtime) \"pad\"\ny = Conv(p, w)", "its pads are not constant");
  expect_pad_refused("p = Pad(x, channels) \"pad\"\ny = Conv(p, w)", "the batch or the channels");
  expect_pad_refused("p = Pad(x, cut) \"pad\"\ny = Conv(p, w)", "or cuts");
  expect_pad_refused("p = Pad(x, pads) \"pad\"\ny = Conv(p, w) {auto_pad=\"SAME_UPPER\"}",
                     "pads by itself");
  expect_pad_refused("p = Pad(x, pads) \"pad\"\ny = Conv(p, p_weights)",
                     "the rank of the Conv is not known");
}

TEST(FoldPad, LeavesOtherPadding) {
  expect_pad_refused("p = Pad(x, pads, one)\ny = Conv(p, w)", "");
  expect_pad_refused("p = Pad(x, pads) {mode=\"reflect\"}\ny = Conv(p, w)", "");
}

}  // namespace
}  // namespace octavo
