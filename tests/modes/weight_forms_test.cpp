// Each form before and after, in short; that it computes the right numbers is in
// modes_in_runtime_test.
#include <gtest/gtest.h>

#include "modes/rewritten_text.h"

namespace octavo {
namespace {

Recipe recipe_of(Mode mode, std::optional<DType> dtype = {}) {
  Recipe recipe;
  recipe.mode = mode;
  recipe.weight_dtype = dtype;
  return recipe;
}

std::string rewritten(std::string_view text, const Recipe& recipe,
                      std::string_view target = "onnxruntime-x86") {
  return testing::text_without_values(
      testing::with_coded_weights(testing::parse_graph(text), recipe, target));
}

constexpr std::string_view kMatMul = R"(
  opset 21
  input x: float32[N,40]
  const w: float32[40,48] = random(1)
  y = MatMul(x, w) "product"
  output y: float32[N,48]
)";

constexpr std::string_view kGemm = R"(
  opset 21
  input x: float32[N,40]
  const w: float32[48,40] = random(1)
  const b: float32[48] = random(2)
  y = Gemm(x, w, b) {transB=1} "dense"
  output y: float32[N,48]
)";

TEST(WeightForms, AMatrixOfInt8HasOneScaleAColumn) {
  EXPECT_EQ(rewritten(kMatMul, recipe_of(Mode::kWeightOnly), "openvino"), R"(opset 21
input x: float32[N,40]
const w_quantized: int8[40,48]
const w_scale: float32[48]
const w_zero_point: int8[48]
w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point) {axis=1} "product/DequantizeLinear"
y = MatMul(x, w_dequantized) "product"
output y: float32[N,48]
)");
}

TEST(WeightForms, ATransposedMatrixIsStoredAsRuntimesFuseIt) {
  EXPECT_EQ(rewritten(kGemm, recipe_of(Mode::kWeightOnly), "openvino"), R"(opset 21
input x: float32[N,40]
const w_transposed_quantized: int8[40,48]
const w_transposed_scale: float32[48]
const w_transposed_zero_point: int8[48]
const b: float32[48]
w_transposed_dequantized = DequantizeLinear(w_transposed_quantized, w_transposed_scale, w_transposed_zero_point) {axis=1} "dense/DequantizeLinear"
y = Gemm(x, w_transposed_dequantized, b) "dense"
output y: float32[N,48]
)");
}

// 40 inputs in blocks of 32: the second block is short.
TEST(WeightForms, BlocksLieAlongTheSum) {
  EXPECT_EQ(rewritten(kMatMul, recipe_of(Mode::kWeightOnly, DType::kUint4), "openvino"),
            R"(opset 21
input x: float32[N,40]
const w_quantized: uint4[40,48]
const w_scale: float32[2,48]
const w_zero_point: uint4[2,48]
w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point) {axis=0, block_size=32} "product/DequantizeLinear"
y = MatMul(x, w_dequantized) "product"
output y: float32[N,48]
)");
  Recipe recipe = recipe_of(Mode::kWeightOnly);
  recipe.block_size = 16;
  EXPECT_NE(rewritten(kMatMul, recipe, "openvino").find("const w_scale: float32[3,48]"),
            std::string::npos);
}

TEST(WeightForms, BlocksBecomeMatMulNBitsWhereTheTargetHasIt) {
  EXPECT_EQ(rewritten(kGemm, recipe_of(Mode::kWeightOnly, DType::kInt4)), R"(opset 21
opset com.microsoft 1
input x: float32[N,40]
const w_blocks: uint8[48,2,16]
const w_scale: float32[48,2]
const b: float32[48]
y_product = com.microsoft.MatMulNBits(x, w_blocks, w_scale) {K=40, N=48, accuracy_level=4, bits=4, block_size=32} "dense"
y = Add(y_product, b) "dense/Add"
output y: float32[N,48]
)");
  // Asymmetric codes have zero points, a row of two packed into one byte.
  EXPECT_NE(rewritten(kMatMul, recipe_of(Mode::kWeightOnly, DType::kUint4))
                .find("const w_zero_points: uint8[48,1]\n"),
            std::string::npos);
}

TEST(WeightForms, RowsOfAnEmbeddingAreGatheredAsCodes) {
  EXPECT_EQ(rewritten(R"(
    opset 13
    input ids: int64[N]
    const table: float32[64,32] = random(1)
    y = Gather(table, ids) "embed"
    output y: float32[N,32]
  )",
                      recipe_of(Mode::kWeightOnly)),
            R"(opset 13
input ids: int64[N]
const table_quantized: int8[64,32]
const table_scale: float32[64,1]
y_codes = Gather(table_quantized, ids) "embed/codes"
y_scale = Gather(table_scale, ids) "embed/scale"
y_steps = Cast(y_codes) {to=1} "embed/Cast"
y = Mul(y_steps, y_scale) "embed"
output y: float32[N,32]
)");
}

TEST(WeightForms, AConvolutionIsDecodedWhenTheModelIsLoaded) {
  constexpr std::string_view kConv = R"(
    opset 13
    input x: float32[N,16,8,8]
    const w: float32[16,16,3,3] = random(1)
    y = Conv(x, w) "conv"
    output y: float32[N,16,6,6]
  )";
  EXPECT_EQ(rewritten(kConv, recipe_of(Mode::kWeightOnly, DType::kUint8)), R"(opset 13
input x: float32[N,16,8,8]
const w_quantized: uint8[16,16,3,3]
const w_scale: float32[16,1,1,1]
const w_zero_point_float: float32[16,1,1,1]
w_dequantized_steps = Cast(w_quantized) {to=1} "w_dequantized/Mul/Cast"
w_dequantized_centred = Sub(w_dequantized_steps, w_zero_point_float) "w_dequantized/Mul/Sub"
w_dequantized = Mul(w_dequantized_centred, w_scale) "w_dequantized/Mul"
y = Conv(x, w_dequantized) "conv"
output y: float32[N,16,6,6]
)");
  const std::string fused = rewritten(kConv, recipe_of(Mode::kWeightOnly), "openvino");
  EXPECT_NE(fused.find("DequantizeLinear(w_quantized, w_scale, w_zero_point) {axis=0}"),
            std::string::npos)
      << fused;
}

TEST(WeightForms, ReadersOfOneActivationShareItsQuantization) {
  EXPECT_EQ(rewritten(R"(
    opset 13
    input x: float32[N,40]
    const w: float32[40,48] = random(1)
    const v: float32[40,48] = random(2)
    const b: float32[48] = random(3)
    a = MatMul(x, w) "first"
    c = Gemm(x, v, b) "second"
    y = Add(a, c) "sum"
    output y: float32[N,48]
  )",
                      recipe_of(Mode::kDynamic)),
            R"(opset 13
input x: float32[N,40]
const w_quantized: int8[40,48]
const w_zero_point: int8[48]
const w_scale: float32[48]
const v_quantized: int8[40,48]
const v_zero_point: int8[48]
const v_scale: float32[48]
const b: float32[48]
x_quantized, x_scale, x_zero_point = DynamicQuantizeLinear(x) "x/DynamicQuantizeLinear"
a_sums = MatMulInteger(x_quantized, w_quantized, x_zero_point, w_zero_point) "first"
a_steps = Cast(a_sums) {to=1} "first/Cast"
a_scale = Mul(x_scale, w_scale) "first/scale"
a = Mul(a_steps, a_scale) "first/Mul"
c_sums = MatMulInteger(x_quantized, v_quantized, x_zero_point, v_zero_point) "second"
c_steps = Cast(c_sums) {to=1} "second/Cast"
c_scale = Mul(x_scale, v_scale) "second/scale"
c_product = Mul(c_steps, c_scale) "second/Mul"
c = Add(c_product, b) "second/Add"
y = Add(a, c) "sum"
output y: float32[N,48]
)");
}

TEST(WeightForms, AnLstmHasAScaleForEachGateAndDirection) {
  EXPECT_EQ(rewritten(R"(
    opset 14
    input x: float32[5,N,16]
    const w: float32[2,64,16] = random(1)
    const r: float32[2,64,16] = random(2)
    y = LSTM(x, w, r) {direction="bidirectional", hidden_size=16} "lstm"
    output y: float32[5,2,N,16]
  )",
                      recipe_of(Mode::kDynamic)),
            R"(opset 14
opset com.microsoft 1
input x: float32[5,N,16]
const w_quantized: int8[2,16,64]
const w_scale: float32[2,64]
const w_zero_point: int8[2,64]
const r_quantized: int8[2,16,64]
const r_scale: float32[2,64]
const r_zero_point: int8[2,64]
y = com.microsoft.DynamicQuantizeLSTM(x, w_quantized, r_quantized, _, _, _, _, _, w_scale, w_zero_point, r_scale, r_zero_point) {direction="bidirectional", hidden_size=16} "lstm"
output y: float32[5,2,N,16]
)");
}

// Runtimes fuse a DequantizeLinear only where one product reads it.
TEST(WeightForms, ASharedWeightIsStoredOnceAndDequantizedForEachReader) {
  EXPECT_EQ(rewritten(R"(
    opset 13
    input x: float32[N,40]
    const w: float32[40,40] = random(1)
    a = MatMul(x, w) "first"
    y = MatMul(a, w) "second"
    output y: float32[N,40]
  )",
                      recipe_of(Mode::kWeightOnly), "openvino"),
            R"(opset 13
input x: float32[N,40]
const w_quantized: int8[40,40]
const w_scale: float32[40]
const w_zero_point: int8[40]
w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point) {axis=1} "first/DequantizeLinear"
a = MatMul(x, w_dequantized) "first"
w_dequantized_1 = DequantizeLinear(w_quantized, w_scale, w_zero_point) {axis=1} "second/DequantizeLinear"
y = MatMul(a, w_dequantized_1) "second"
output y: float32[N,40]
)");
}

TEST(WeightForms, AWeightWithTwoLayoutsIsStoredTwice) {
  const std::string text = rewritten(R"(
    opset 13
    input ids: int64[N]
    const w: float32[40,40] = random(1)
    a = Gather(w, ids) "embed"
    y = MatMul(a, w) "project"
    output y: float32[N,40]
  )",
                                     recipe_of(Mode::kWeightOnly), "openvino");
  EXPECT_NE(text.find("const w_scale: float32[40,1]\n"), std::string::npos) << text;
  EXPECT_NE(text.find("const w_scale_1: float32[40]\n"), std::string::npos) << text;
}

TEST(WeightForms, ASecondRunChangesNothing) {
  for (const Mode mode : {Mode::kWeightOnly, Mode::kDynamic}) {
    for (const std::string_view text : {kMatMul, kGemm}) {
      const Recipe recipe = recipe_of(mode);
      const Model once = testing::with_coded_weights(testing::parse_graph(text), recipe);
      EXPECT_EQ(testing::text_without_values(testing::with_coded_weights(once, recipe)),
                testing::text_without_values(once));
    }
  }
}

}  // namespace
}  // namespace octavo
