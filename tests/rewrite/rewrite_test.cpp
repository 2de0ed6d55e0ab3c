#include "rewrite/rewrite.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "model/print.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

// Nodes, inputs and outputs of the rewritten model; scales and codes have tests of their own.
std::string rewritten(std::string_view text, const std::vector<float>& values = {0, 1},
                      Recipe recipe = {}) {
  const Model model = testing::parse_graph(text);
  recipe.activation_calibrator = {"min-max", {}};
  const Plan plan = testing::make_planned(model, values, recipe).plan;
  std::istringstream lines(print_graph(rewrite(model, plan)));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("const") && !line.starts_with("opset")) kept += line + "\n";
  }
  return kept;
}

TEST(Rewrite, ConvReluBecomesOneQuantizedGroup) {
  EXPECT_EQ(rewritten(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    const b: float32[4] = random(2)
    c = Conv(x, w, b) "conv"
    y = Relu(c) "relu"
    output y: float32[N,4,6,6]
  )"),
            R"(input x: float32[N,3,8,8]
x_quantized = QuantizeLinear(x, x_scale, x_zero_point) "x/QuantizeLinear"
x_dequantized = DequantizeLinear(x_quantized, x_scale, x_zero_point) "x/DequantizeLinear"
w_dequantized = DequantizeLinear(w_quantized, w_quantized_scale, w_quantized_zero_point) {axis=0} "w_quantized/DequantizeLinear"
b_dequantized = DequantizeLinear(b_quantized, b_quantized_scale, b_quantized_zero_point) {axis=0} "b_quantized/DequantizeLinear"
y_float = Conv(x_dequantized, w_dequantized, b_dequantized) "conv"
y_quantized = QuantizeLinear(y_float, y_scale, y_zero_point) "y/QuantizeLinear"
y = DequantizeLinear(y_quantized, y_scale, y_zero_point) "y/DequantizeLinear"
output y: float32[N,4,6,6]
)");
}

TEST(Rewrite, AnActivationThatTheCodesDoNotReplaceStays) {
  // The zero point lies inside the range, so that a Relu still changes codes.
  const std::string text = rewritten(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    c = Conv(x, w) "conv"
    y = Relu(c) "relu"
    output y: float32[N,4,6,6]
  )",
                                     {-1, 1});
  EXPECT_NE(text.find("y_float = Relu(c) \"relu\""), std::string::npos) << text;
}

// QuantizeLinear saturates to its type; four bits of eight must saturate too.
TEST(Rewrite, ActivationsOfFewerBitsThanTheirTypeAreClippedAsCodes) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,3,3] = random(1)
    y = Conv(x, w) "conv"
    output y: float32[N,4,6,6]
  )");
  Plan plan = testing::make_planned(model, {0, 1}).plan;
  for (PlannedActivation& activation : plan.activations) {
    activation.params.scheme.reduced_bits = 4;
  }
  const Model result = rewrite(model, plan);
  const std::string text = print_graph(result);
  for (const char* line :
       {"x_unclipped = QuantizeLinear(x, x_scale, x_zero_point)",
        "x_quantized = Clip(x_unclipped, x_lowest_code, x_highest_code) \"x/Clip\"",
        "x_dequantized = DequantizeLinear(x_quantized, x_scale, x_zero_point)",
        "const x_highest_code: uint8[] = 15", "const y_lowest_code: uint8[] = 0"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
}

TEST(Rewrite, AFloatReaderTakesTheFloatFormWhereThereIsOne) {
  const std::string text = rewritten(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    y = Conv(x, w) "conv"
    s = Sqrt(x) "before"
    t = Sqrt(y) "after"
    output s: float32[N,4,8,8]
    output t: float32[N,4,8,8]
  )");
  EXPECT_NE(text.find("s = Sqrt(x) \"before\""), std::string::npos) << text;
  EXPECT_NE(text.find("t = Sqrt(y_dequantized) \"after\""), std::string::npos) << text;
}

// ONNX Runtime would quantize the weight of "middle" on its own behind one scale.
TEST(Rewrite, WhatStaysFloatBetweenCodesReadsThemByChannel) {
  constexpr std::string_view kText = R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    const v: float32[4,2,1,1] = random(2)
    a = Conv(x, w) "first"
    b = Conv(a, v) {group=2} "middle"
    y = Conv(b, w) "last"
    output y: float32[N,4,8,8]
  )";
  Recipe recipe;
  recipe.exclude_nodes = {"middle"};
  const Model model = testing::parse_graph(kText);
  const std::vector<float> values = {0, 1};
  const std::string text =
      print_graph(rewrite(model, testing::make_planned(model, values, recipe).plan));
  for (const char* line :
       {"const a_by_channel_scale: float32[4] = ", "const a_by_channel_zero_point: uint8[4] = ",
        "a_by_channel_dequantized = DequantizeLinear(a_quantized, a_by_channel_scale, "
        "a_by_channel_zero_point) {axis=1}",
        "b = Conv(a_by_channel_dequantized, v)"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
  EXPECT_EQ(text.find("a_dequantized"), std::string::npos) << "nobody reads it\n" << text;
  // OpenVINO leaves it alone.
  const std::string other =
      print_graph(rewrite(model, testing::make_planned(model, values, recipe, "openvino").plan));
  EXPECT_NE(other.find("b = Conv(a_dequantized, v)"), std::string::npos) << other;
}

std::string pad_between_convs(int opset) {
  return "opset " + std::to_string(opset) + R"(
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    const pads: int64[8] = 0 0 1 1 0 0 1 1
    a = Conv(x, w) "conv1"
    p = Pad(a, pads) "pad"
    y = Conv(p, w) "conv2"
    output y: float32[N,4,10,10]
  )";
}

// ONNX Runtime has no Pad of 16 bits.
TEST(Rewrite, APadMovesNumbersWhereItsKernelDoesNotTakeTheCodes) {
  Recipe recipe;
  recipe.activation_dtype = DType::kUint16;
  const std::string text = rewritten(pad_between_convs(21), {0, 1}, recipe);
  EXPECT_NE(text.find("p = Pad(a_dequantized, pads) \"pad\"\n"), std::string::npos) << text;
}

TEST(Rewrite, APadMovesCodesWithTheZeroPointAsItsValue) {
  const std::string text = rewritten(pad_between_convs(13));
  EXPECT_NE(text.find("p_quantized = Pad(a_quantized, pads, pad_value_quantized) \"pad\"\n"
                      "p_dequantized = DequantizeLinear(p_quantized"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("p/QuantizeLinear"), std::string::npos) << text;
}

TEST(Rewrite, AConstantUsedTwiceIsStoredOnceABiasOnceANode) {
  const std::string text = rewritten(R"(
    opset 13
    input x: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    const b: float32[4] = random(2)
    a = Conv(x, w, b) "conv1"
    y = Conv(a, w, b) "conv2"
    output y: float32[N,4,8,8]
  )");
  EXPECT_NE(text.find("a = Conv(x_dequantized, w_dequantized, b_dequantized)"), std::string::npos);
  EXPECT_NE(text.find("Conv(a_dequantized, w_dequantized, b_dequantized_1)"), std::string::npos)
      << text;
}

TEST(Rewrite, TakenNamesAreAvoided) {
  const std::string text = rewritten(R"(
    opset 13
    input x: float32[N,4,8,8]
    input x_quantized: float32[N,4,8,8]
    const w: float32[4,4,1,1] = random(1)
    a = Conv(x, w) "conv"
    y = Add(a, x_quantized) "add"
    output y: float32[N,4,8,8]
  )");
  EXPECT_NE(text.find("x_quantized_1 = QuantizeLinear(x,"), std::string::npos) << text;
}

TEST(Rewrite, AModelWithNothingToQuantizeIsUnchanged) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,4]
    y = Softmax(x) {axis=-1} "softmax"
    output y: float32[N,4]
  )");
  EXPECT_EQ(print_graph(rewrite(model, testing::make_planned(model, {0, 1}).plan)),
            print_graph(model));
}

}  // namespace
}  // namespace octavo
