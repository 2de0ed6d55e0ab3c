#include "rewrite/quantized_io.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "model/io_params.h"
#include "model/print.h"
#include "rewrite/rewrite.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

constexpr std::string_view kConv = R"(
  opset 13
  input x: float32[N,3,4,4]
  const w: float32[2,3,1,1] = random(1)
  y = Conv(x, w) "conv"
  output y: float32[N,2,4,4]
)";

Model bordered(std::string_view text, const Recipe& recipe,
               const std::vector<float>& values = {-1, 1.55F}) {
  const Model model = testing::parse_graph(text);
  Recipe whole = recipe;
  whole.activation_calibrator = {"min-max", {}};
  const Plan plan = testing::make_planned(model, values, whole).plan;
  return with_quantized_io(rewrite(model, plan), plan, whole);
}

std::string text_of(const Model& model) {
  std::istringstream lines(print_graph(model));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    const bool skipped = line.starts_with("const") || line.starts_with("opset") ||
                         line.find("w_dequantized =") != std::string::npos;
    if (!skipped) kept += line + "\n";
  }
  return kept;
}

TEST(QuantizedIo, CodesTakeThePlaceOfQuantizeAndDequantize) {
  Recipe recipe;
  recipe.input_dtype = DType::kUint8;
  recipe.output_dtype = DType::kUint8;
  const Model model = bordered(kConv, recipe);
  EXPECT_EQ(text_of(model),
            R"(input x: uint8[N,3,4,4]
x_dequantized = DequantizeLinear(x, x_scale, x_zero_point) "x/DequantizeLinear"
y_float = Conv(x_dequantized, w_dequantized) "conv"
y = QuantizeLinear(y_float, y_scale, y_zero_point) "y/QuantizeLinear"
output y: uint8[N,2,4,4]
)");
  const auto params = io_params(model, "x");
  ASSERT_TRUE(params.has_value());
  EXPECT_FLOAT_EQ(static_cast<float>(params->scale[0]), 0.01F);
  EXPECT_EQ(params->zero_point[0], 100);
}

TEST(QuantizedIo, AnotherSignIsAShift) {
  Recipe recipe;
  recipe.input_dtype = DType::kInt8;
  recipe.output_dtype = DType::kInt8;
  const Model model = bordered(kConv, recipe);
  EXPECT_EQ(io_params(model, "x")->zero_point[0], 100 - 128);
  EXPECT_EQ(io_params(model, "y")->zero_point[0], 100 - 128);
  const std::string text = text_of(model);
  EXPECT_NE(text.find("x_numbers = DequantizeLinear(x, "), std::string::npos) << text;
  EXPECT_NE(text.find("x_quantized = QuantizeLinear(x_numbers, "), std::string::npos) << text;
  EXPECT_NE(text.find("y = QuantizeLinear(y_numbers, "), std::string::npos) << text;
}

TEST(QuantizedIo, FloatReadersOfTheInputReadItsNumbers) {
  Recipe recipe;
  recipe.input_dtype = DType::kUint8;
  const std::string text = text_of(bordered(R"(
    opset 13
    input x: float32[N,3,4,4]
    const w: float32[2,3,1,1] = random(1)
    y = Conv(x, w) "conv"
    z = Sin(x) "sin"
    output y: float32[N,2,4,4]
    output z: float32[N,3,4,4]
  )",
                                            recipe));
  EXPECT_NE(text.find("z = Sin(x_numbers)"), std::string::npos) << text;
  EXPECT_NE(text.find("x_dequantized = DequantizeLinear(x, x_scale"), std::string::npos) << text;
}

TEST(QuantizedIo, ANormalizationThatIsAScaleIsTheInputsScale) {
  Recipe recipe;
  recipe.pixels = Normalization{.divide = 127.5, .mean = {1}};  // zero point 127.5: not whole
  EXPECT_NE(text_of(bordered(kConv, recipe)).find("Cast(x)"), std::string::npos);
  recipe.pixels = Normalization{.divide = 255};
  const Model model = bordered(kConv, recipe);
  EXPECT_EQ(text_of(model).find("Cast"), std::string::npos);
  EXPECT_EQ(io_params(model, "x")->scale[0], static_cast<double>(1.0F / 255));
  EXPECT_EQ(io_params(model, "x")->zero_point[0], 0);
}

TEST(QuantizedIo, OtherNormalizationsAreNodes) {
  Recipe recipe;
  recipe.pixels = Normalization{255, {0.5, 0.4, 0.3}, {0.25}, 1};
  const Model model = bordered(kConv, recipe);
  const std::string text = text_of(model);
  for (const char* line :
       {"x_pixels = Cast(x)", "x_normalized = Div(x_pixels,", "x_normalized_1 = Sub(x_normalized,",
        "x_normalized_2 = Div(x_normalized_1,", "x_quantized = QuantizeLinear(x_normalized_2,"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
  const auto params = io_params(model, "x");
  EXPECT_EQ(params->zero_point, (std::vector<double>{127.5, 102, 76.5}));
}

TEST(QuantizedIo, ChannelsOfANormalizationMayComeLast) {
  Recipe recipe;
  recipe.pixels = Normalization{255, {0.5, 0.25, 0.75}, {0.25}, 1};
  const std::string text = print_graph(bordered(R"(
    opset 13
    input x: float32[N,4,4,3]
    const w: float32[2,3,1,1] = random(1)
    t = Transpose(x) {perm=[0,3,1,2]} "nchw"
    y = Conv(t, w) "conv"
    output y: float32[N,2,4,4]
  )",
                                                recipe));
  EXPECT_NE(text.find("float32[3] = 0.5 0.25 0.75"), std::string::npos) << text;
  EXPECT_NE(print_graph(bordered(kConv, recipe)).find("float32[3,1,1] = 0.5 0.25 0.75"),
            std::string::npos);
  recipe.pixels->mean = {0.5, 0.25};
  EXPECT_OCTAVO_ERROR(bordered(kConv, recipe), ErrorCode::kInvalidArgument, "input 'x'",
                      "[?, 3, 4, 4]", "2 channels");
}

TEST(QuantizedIo, WhatHasNoCodesIsAnError) {
  Recipe recipe;
  recipe.input_dtype = DType::kUint8;
  constexpr std::string_view kFloat = R"(
    opset 13
    input x: float32[N,3]
    y = Sin(x) "sin"
    output y: float32[N,3]
  )";
  EXPECT_OCTAVO_ERROR(bordered(kFloat, recipe), ErrorCode::kUnsupported, "input 'x' has no codes");
  recipe.input_dtype.reset();
  recipe.output_dtype = DType::kInt8;
  EXPECT_OCTAVO_ERROR(bordered(kFloat, recipe), ErrorCode::kUnsupported, "output 'y' has no codes",
                      "'sin', a Sin, stays float");
  recipe.activation_dtype = DType::kUint16;
  EXPECT_OCTAVO_ERROR(bordered("opset 21" + std::string(kConv.substr(11)), recipe),
                      ErrorCode::kUnsupported, "'y' has uint16 codes, which int8 cannot hold");
}

TEST(QuantizedIo, AGemmAtTheEndMakesCodesOnlyForTheCaller) {
  constexpr std::string_view kGemm = R"(
    opset 13
    input x: float32[N,3]
    const w: float32[3,2] = random(1)
    y = Gemm(x, w) "gemm"
    output y: float32[N,2]
  )";
  EXPECT_EQ(text_of(bordered(kGemm, {})).find("QuantizeLinear(y_"), std::string::npos);
  Recipe recipe;
  recipe.output_dtype = DType::kUint8;
  EXPECT_NE(text_of(bordered(kGemm, recipe)).find("output y: uint8"), std::string::npos);
}

TEST(IoParams, CodesAndNumbers) {
  const IoParams params{{0.5, 0.25}, {10, 0.5}};
  const Tensor values = Tensor::of<float>({1, 2, 2}, std::vector<float>{-6, 1, 0, 1000});
  const Tensor codes = to_codes(values, DType::kUint8, params);
  EXPECT_EQ(codes.at(0), 0);  // -12 + 10 is below the lowest code
  EXPECT_EQ(codes.at(1), 12);
  EXPECT_EQ(codes.at(2), 0);  // 0.5 rounds to even
  EXPECT_EQ(codes.at(3), 255);
  const Tensor numbers = to_values(codes, params);
  EXPECT_EQ(numbers.at(1), 1);
  EXPECT_EQ(numbers.at(2), -0.125);
  EXPECT_OCTAVO_ERROR(
      to_codes(Tensor::of<float>({3}, std::vector<float>{1, 2, 3}), DType::kUint8, params),
      ErrorCode::kInvalidData, "2 scales", "[3]");
}

}  // namespace
}  // namespace octavo
