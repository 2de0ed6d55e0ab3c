#include "rewrite/rewrite.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "model/print.h"
#include "support/error_matchers.h"
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

constexpr std::string_view kKeptBetweenCodes = R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,1,1] = random(1)
    const v: float32[4,1,3,3] = random(2)
    const u: float32[2,4,1,1] = random(3)
    a = Conv(x, w) "first"
    b = Conv(a, v) {group=4} "kept"
    y = Conv(b, u) "last"
    output y: float32[N,2,6,6]
  )";

TEST(Rewrite, ALayerKeptInFloatReadsCodesThroughAScaleAChannel) {
  Recipe recipe;
  recipe.exclude_nodes = {"kept"};
  EXPECT_EQ(rewritten(kKeptBetweenCodes, {0, 1}, recipe),
            R"(input x: float32[N,3,8,8]
x_quantized = QuantizeLinear(x, x_scale, x_zero_point) "x/QuantizeLinear"
x_dequantized = DequantizeLinear(x_quantized, x_scale, x_zero_point) "x/DequantizeLinear"
w_dequantized = DequantizeLinear(w_quantized, w_quantized_scale, w_quantized_zero_point) {axis=0} "w_quantized/DequantizeLinear"
a = Conv(x_dequantized, w_dequantized) "first"
a_quantized = QuantizeLinear(a, a_scale, a_zero_point) "a/QuantizeLinear"
a_guarded = DequantizeLinear(a_quantized, a_guarded_scale, a_guarded_zero_point) {axis=1} "a_guarded/DequantizeLinear"
b = Conv(a_guarded, v) {group=4} "kept"
b_quantized = QuantizeLinear(b, b_scale, b_zero_point) "b/QuantizeLinear"
b_dequantized = DequantizeLinear(b_quantized, b_scale, b_zero_point) "b/DequantizeLinear"
u_dequantized = DequantizeLinear(u_quantized, u_quantized_scale, u_quantized_zero_point) {axis=0} "u_quantized/DequantizeLinear"
y_float = Conv(b_dequantized, u_dequantized) "last"
y_quantized = QuantizeLinear(y_float, y_scale, y_zero_point) "y/QuantizeLinear"
y = DequantizeLinear(y_quantized, y_scale, y_zero_point) "y/DequantizeLinear"
output y: float32[N,2,6,6]
)");
}

// Two layers share one guard; who runs on integers keeps the one scale that kernels want.
TEST(Rewrite, OtherReadersKeepTheOneScale) {
  Recipe recipe;
  recipe.exclude_nodes = {"kept.*"};
  const std::string text = rewritten(R"(
    opset 13
    input x: float32[N,3,8,8]
    const w: float32[4,3,1,1] = random(1)
    const v: float32[4,4,1,1] = random(2)
    a = Conv(x, w) "first"
    b = Conv(a, v) "kept1"
    c = Conv(a, v) "kept2"
    d = Conv(a, v) "other"
    e = Add(b, c) "sum"
    y = Add(d, e) "sum2"
    output y: float32[N,4,8,8]
  )",
                                     {0, 1}, recipe);
  EXPECT_NE(text.find("b = Conv(a_guarded, v)"), std::string::npos) << text;
  EXPECT_NE(text.find("c = Conv(a_guarded, v)"), std::string::npos) << text;
  EXPECT_NE(text.find("Conv(a_dequantized, v_dequantized)"), std::string::npos) << text;
  EXPECT_EQ(text.find("\"a_guarded/DequantizeLinear\""),
            text.rfind("\"a_guarded/DequantizeLinear\""))
      << text;
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

constexpr std::string_view kPadBetweenConvs = R"(
  opset 21
  input x: float32[N,4,8,8]
  const w: float32[4,4,1,1] = random(1)
  const pads: int64[8] = 0 0 1 1 0 0 1 1
  a = Conv(x, w) "conv1"
  p = Pad(a, pads) "pad"
  y = Conv(p, w) "conv2"
  output y: float32[N,4,10,10]
)";

// ONNX Runtime has no Pad of 16 bits.
TEST(Rewrite, APadMovesNumbersWhereItsKernelDoesNotTakeTheCodes) {
  Recipe recipe;
  recipe.activation_dtype = DType::kUint16;
  const std::string text = rewritten(kPadBetweenConvs, {0, 1}, recipe);
  EXPECT_NE(text.find("p = Pad(a_dequantized, pads) \"pad\"\n"), std::string::npos) << text;
}

TEST(Rewrite, APadValueThatIsNotOneNumberIsRefused) {
  std::string text(kPadBetweenConvs);
  text.replace(text.find("Pad(a, pads)"), 12, "Pad(a, pads, fill)");
  text.replace(text.find("  a = Conv"), 0, "  const fill: float32[0] =\n");
  EXPECT_OCTAVO_ERROR(rewritten(text), ErrorCode::kInvalidModel, "node 'pad' (Pad)",
                      "'fill' has shape [0], expected one number");
}

TEST(Rewrite, APadMovesCodesWithTheZeroPointAsItsValue) {
  const std::string text = rewritten(kPadBetweenConvs);
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
