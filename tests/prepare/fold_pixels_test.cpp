#include "prepare/fold_pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "model/io_params.h"
#include "model/print.h"
#include "octavo/executor.h"
#include "prepare/prepare.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

// Means 2 and 1 in pixels, factors 0.5 and 1.
const Normalization kTwoChannels{4, {0.5, 0.25}, {0.5, 0.25}, 1};
const Normalization kImagenet{255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}, 1};

FoldedPixels folded(std::string_view text, const Normalization& steps) {
  auto result = fold_pixels(testing::parse_graph(text), steps);
  if (const auto* refusal = std::get_if<NotFoldable>(&result)) ADD_FAILURE() << refusal->reason;
  return std::get<FoldedPixels>(std::move(result));
}

std::string reason(std::string_view text, const Normalization& steps = kTwoChannels) {
  const auto result = fold_pixels(testing::parse_graph(text), steps);
  const auto* refusal = std::get_if<NotFoldable>(&result);
  return refusal == nullptr ? "folded" : refusal->reason;
}

void expect_folds(std::string_view before, const Normalization& steps, std::string_view after) {
  EXPECT_EQ(print_graph(folded(before, steps).model), print_graph(testing::parse_graph(after)));
}

TEST(FoldPixels, WithoutPaddingWeightsAndBiasTakeIt) {
  constexpr std::string_view kBefore = R"(opset 13
input x: float32[N,2,4,4]
const w: float32[1,2,1,1] = 2 3
const b: float32[1] = 1
y = Conv(x, w, b) "conv"
output y: float32[N,1,4,4]
)";
  expect_folds(kBefore, kTwoChannels, R"(opset 13
input x: float32[N,2,4,4]
const w: float32[1,2,1,1] = 1 3
const b: float32[1] = 4
y = Conv(x, w, b) "conv"
output y: float32[N,1,4,4]
)");
  EXPECT_EQ(folded(kBefore, kTwoChannels).zero_pixel, 2);
  EXPECT_EQ(folded(kBefore, kTwoChannels).text, "folded into node 'conv' (Conv)");
}

TEST(FoldPixels, WithPaddingAChannelIsAdded) {
  expect_folds(R"(opset 13
input x: float32[N,2,4,4]
const w: float32[1,2,1,1] = 2 3
y = Conv(x, w) {pads=[1,1,1,1]} "conv"
z = Conv(x, w) {auto_pad="SAME_UPPER"} "same"
output y: float32[N,1,6,6]
output z: float32[N,1,4,4]
)",
               kTwoChannels, R"(opset 13
input x: float32[N,2,4,4]
const w: float32[1,2,1,1] = 2 3
const w_folded: float32[1,3,1,1] = 1 3 3
const w_folded_1: float32[1,3,1,1] = 1 3 3
const x_pad_value: float32[] = 1
const x_pads: int64[8] = 0 0 0 0 0 1 0 0
x_masked = Pad(x, x_pads, x_pad_value) "x/Pad"
y = Conv(x_masked, w_folded) {pads=[1,1,1,1]} "conv"
z = Conv(x_masked, w_folded_1) {auto_pad="SAME_UPPER"} "same"
output y: float32[N,1,6,6]
output z: float32[N,1,4,4]
)");
}

TEST(FoldPixels, WhatPaddingMeansIsLeftWhereTheMeanIsAPixel) {
  expect_folds(R"(opset 13
input x: float32[N,2,4,4]
const w: float32[2,1,1,1] = 2 3
y = Conv(x, w) {group=2, pads=[1,1,1,1]} "conv"
output y: float32[N,2,6,6]
)",
               {4, {0.5}, {0.5, 0.25}, 1}, R"(opset 13
input x: float32[N,2,4,4]
const w: float32[2,1,1,1] = 1 3
y = Conv(x, w) {group=2, pads=[1,1,1,1]} "conv"
output y: float32[N,2,6,6]
)");
}

TEST(FoldPixels, RefusesWithTheReason) {
  const std::string image =
      "opset 13\ninput x: float32[N,2,4,4]\nconst w: float32[1,2,1,1] = 2 3\n";
  EXPECT_EQ(reason(image + "y = Relu(x) \"relu\"\noutput y\n"),
            "node 'relu' (Relu) reads 'x', which is no convolution");
  EXPECT_EQ(reason(image + "y = Conv(x, w) \"a\"\nz = Relu(x) \"relu\"\noutput y\noutput z\n"),
            "node 'relu' (Relu) reads 'x', which is no convolution");
  EXPECT_EQ(reason(image + "t = Transpose(x) {perm=[0,2,1,3]} \"t\"\ny = Relu(t)\noutput y\n"),
            "node 't' (Transpose) reads 'x', which is no convolution");
  EXPECT_EQ(reason(image + "y = Conv(x, w) \"a\"\noutput y\n", kImagenet),
            "node 'a' (Conv) takes 2 channels, the normalization has 3");
  EXPECT_EQ(reason(image + "y = Conv(x, w) \"a\"\noutput y\n", {4, {0.5}, {0}, 1}),
            "it divides by 0, or by what is no number");
  EXPECT_EQ(
      reason(image + "input r: float32[N,2]\ny = Conv(x, w)\nz = Relu(r)\noutput y\noutput z\n"),
      "'x' and 'r' are inputs");
  EXPECT_EQ(reason("opset 13\ninput x: float32[N,2,4,4]\ninput w: float32[1,2,1,1]\n"
                   "y = Conv(x, w) \"a\"\noutput y\n"),
            "'x' and 'w' are inputs");
  EXPECT_EQ(reason("opset 13\ninput x: float32[N,2,4,4]\nconst w: float32[2,1,1,1] = 2 3\n"
                   "y = Conv(x, w) {group=2, pads=[0,0,1,1]} \"a\"\noutput y\n"),
            "node 'a' (Conv) pads, and has groups");
  EXPECT_EQ(reason("opset 13\ninput x: int64[N]\ny = Abs(x)\noutput y\n"), "no input is float32");
}

// The largest difference, as a part of the largest value.
double error_of(std::string_view text, const Normalization& steps, const Shape& image) {
  const unsigned seed = 7;
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const FoldedPixels found = folded(text, steps);
  Tensor pixels(DType::kUint8, image);
  for (std::uint8_t& value : pixels.mutable_as<std::uint8_t>()) {
    value = static_cast<std::uint8_t>(random() % 256);
  }
  IoParams meaning;
  for (std::size_t c = 0; c < steps.mean.size(); ++c) {
    meaning.scale.push_back(steps.multiply / (steps.divide * steps.standard_deviation[c]));
    meaning.zero_point.push_back(steps.mean[c] * steps.divide);
  }
  const Tensor normalized = to_values(pixels, meaning);
  const Tensor shifted = to_values(pixels, {{1}, {static_cast<double>(found.zero_pixel)}});
  const auto executor = make_executor("onnxruntime");
  const auto run = [&](const Model& model, const Tensor& input) {
    return executor->load(model, {})->run(std::span(&input, 1))[0];
  };
  const Tensor expected = run(testing::parse_graph(text), normalized);
  const Tensor actual = run(found.model, shifted);
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected.at(i)));
    difference = std::max(difference, std::abs(expected.at(i) - actual.at(i)));
  }
  return difference / largest;
}

TEST(FoldPixelsInRuntime, ComputesTheSame) {
  constexpr double kTolerance = 1e-5;
  constexpr std::string_view kUnpadded = R"(opset 13
input x: float32[N,3,9,9]
const w: float32[8,3,3,3] = random(1)
const b: float32[8] = random(2)
y = Conv(x, w, b) {strides=[2,2]} "conv"
output y: float32[N,8,4,4]
)";
  constexpr std::string_view kPadded = R"(opset 13
input x: float32[N,3,9,9]
const w: float32[8,3,3,3] = random(1)
const b: float32[8] = random(2)
y = Conv(x, w, b) {pads=[0,1,2,1], dilations=[2,1]} "conv"
output y: float32[N,8,7,9]
)";
  constexpr std::string_view kChannelsLast = R"(opset 13
input x: float32[N,9,9,3]
const w: float32[8,3,3,3] = random(1)
t = Transpose(x) {perm=[0,3,1,2]} "nchw"
y = Conv(t, w) {auto_pad="SAME_LOWER", strides=[2,2]} "conv"
output y: float32[N,8,5,5]
)";
  EXPECT_LT(error_of(kUnpadded, kImagenet, {2, 3, 9, 9}), kTolerance);
  EXPECT_LT(error_of(kPadded, kImagenet, {2, 3, 9, 9}), kTolerance);
  EXPECT_LT(error_of(kChannelsLast, kImagenet, {2, 9, 9, 3}), kTolerance);
  // Bright images, whose mean leaves more pixels below than above; means that are no pixels.
  const Normalization bright{255, {0.9, 0.8, 0.7}, {0.1, 0.2, 0.3}, 1};
  const Normalization beyond{127.5, {-1, 2.5, 1}, {1, 1, -0.5}, 2};
  EXPECT_LT(error_of(kPadded, bright, {1, 3, 9, 9}), kTolerance);
  EXPECT_LT(error_of(kPadded, beyond, {1, 3, 9, 9}), kTolerance);
}

}  // namespace
}  // namespace octavo
