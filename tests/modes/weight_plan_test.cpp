// What is selected, why not, and with which numbers.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/tensor_proto.h"
#include "modes/rewritten_text.h"
#include "support/error_matchers.h"

namespace octavo {
namespace {

WeightSelection selected(std::string_view text, const Recipe& recipe,
                         std::string_view target = "onnxruntime-x86") {
  const Model model = testing::parse_graph(text);
  const Graph graph(model.proto().graph());
  return select_weights(graph, load_profile(target), recipe);
}

Recipe weight_only(std::optional<DType> dtype = {}) {
  Recipe recipe;
  recipe.mode = Mode::kWeightOnly;
  recipe.weight_dtype = dtype;
  return recipe;
}

constexpr std::string_view kRefusals = R"(
  opset 14
  input x: float32[N,40]
  input z: float32[40,40]
  input ids: int64[N]
  input t: float32[40,N]
  input s: float32[N,5,16]
  input image: float32[N,16,8,8]
  const filters: float32[16,16,3,3] = random(7)
  const w: float32[40,40] = random(1)
  const small: float32[40,2] = random(2)
  const cube: float32[2,40,40] = random(3)
  const wide: float32[2,2000] = random(4)
  const lw: float32[1,64,16] = random(5)
  const lr: float32[1,64,16] = random(6)
  a = MatMul(x, z) "activations"
  b = MatMul(x, small) "small"
  c = MatMul(x, cube) "cube"
  d = Gemm(t, w) {transA=1} "transposed"
  e = Gemm(x, w) {alpha=0.5} "factor"
  f = Gather(wide, ids) {axis=1} "columns"
  g = Relu(x) "relu"
  h = LSTM(s, lw, lr) {hidden_size=16, layout=1} "batch_first"
  i = MatMul(x, w) "kept"
  j = Conv(image, filters) "conv"
  output a: float32[N,40]
  output b: float32[N,2]
  output c: float32[2,N,40]
  output d: float32[N,40]
  output e: float32[N,40]
  output f: float32[2,N]
  output g: float32[N,40]
  output h: float32[N,5,1,16]
  output i: float32[N,40]
  output j: float32[N,16,6,6]
)";

TEST(SelectWeights, EveryNodeThatStaysFloatHasAReason) {
  Recipe recipe;
  recipe.mode = Mode::kDynamic;
  recipe.exclude_nodes = {"kept"};
  const WeightSelection selection = selected(kRefusals, recipe);
  EXPECT_TRUE(selection.weights.empty());
  const auto reason = [&](std::string_view node) {
    return testing::reason_of(selection.nodes, node);
  };
  EXPECT_EQ(reason("activations"), "float: 'z' is computed, or can be overridden by the caller");
  EXPECT_EQ(reason("small"), "float: 'small' has 80 elements, fewer than 1024: nothing to gain");
  EXPECT_EQ(reason("cube"), "float: its weight has 3 dimensions, expected 2");
  EXPECT_EQ(reason("transposed"), "float: a Gemm with a transposed activation or with factors");
  EXPECT_EQ(reason("factor"), "float: a Gemm with a transposed activation or with factors");
  EXPECT_EQ(reason("columns"), "float: no lookup of rows: only Gather along axis 0 is");
  EXPECT_EQ(reason("relu"), "float: it has no weight of 1024 elements or more");
  EXPECT_EQ(reason("conv"), "float: target 'onnxruntime-x86' has no dynamic form of Conv");
  EXPECT_EQ(reason("batch_first"), "float: no LSTM with the sequence along axis 0");
  EXPECT_EQ(reason("kept"), "float: excluded by 'kept'");
}

constexpr std::string_view kProductAndEmbedding = R"(
    opset 13
    input x: float32[N,40]
    input ids: int64[N]
    const w: float32[40,40] = random(1)
    y = MatMul(x, w) "product"
    z = Gather(w, ids) "embed"
    output y: float32[N,40]
    output z: float32[N,40]
  )";

TEST(SelectWeights, WhatIsSelectedSaysHow) {
  const WeightSelection selection = selected(kProductAndEmbedding, weight_only(DType::kInt4));
  EXPECT_EQ(testing::reason_of(selection.nodes, "product"),
            "quantized: int4 weights, in blocks of 32, as matmul_nbits");
  EXPECT_EQ(testing::reason_of(selection.nodes, "embed"),
            "quantized: int8 weights, one scale a channel, as gathered_codes: there is no int4 "
            "form of Gather");
}

TEST(SelectWeights, TheOpsetIsTheOldestThatCanSayIt) {
  const Profile x86 = load_profile("onnxruntime-x86");
  EXPECT_EQ(opset_of(x86, weight_only()), 13);
  EXPECT_EQ(opset_of(x86, weight_only(DType::kInt4)), 13);  // MatMulNBits is no ONNX operator
  Recipe blocks = weight_only();
  EXPECT_EQ(opset_of(load_profile("openvino"), blocks), 13);
  blocks.block_size = 64;
  EXPECT_EQ(opset_of(load_profile("openvino"), blocks), 21);
  EXPECT_EQ(opset_of(load_profile("openvino"), weight_only(DType::kUint4)), 21);
}

TEST(SelectWeights, WishesThatTheTargetCannotGrantAreRefused) {
  EXPECT_OCTAVO_ERROR(selected(kRefusals, weight_only(DType::kInt16)), ErrorCode::kUnsupported,
                      "no int16 weights in mode weight-only", "int8, uint8, int4, uint4");
  EXPECT_OCTAVO_ERROR(selected(kRefusals, weight_only(), "tensorrt"), ErrorCode::kUnsupported,
                      "no int8 weights", "expected one of: int4");
  Recipe recipe = weight_only(DType::kInt4);
  recipe.block_size = 48;
  EXPECT_OCTAVO_ERROR(selected(kRefusals, recipe), ErrorCode::kUnsupported, "blocks of 48",
                      "16, 32, 64, 128, 256");
  recipe.mode = Mode::kDynamic;
  recipe.weight_dtype = DType::kInt8;
  EXPECT_OCTAVO_ERROR(selected(kRefusals, recipe), ErrorCode::kInvalidArgument, "block size 48",
                      "no blocks in mode dynamic");
}

// Row 0 of the weight is 0, 1, ... 31: a block of 32 with known ends.
TEST(PlanWeights, SymmetricCodesCoverTheLargestAsymmetricOnesBothEnds) {
  Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,32]
    const w: float32[32,32] = random(1, 0, 1)
    y = MatMul(x, w) "product"
    output y: float32[N,32]
  )");
  Tensor weight(DType::kFloat32, {32, 32});
  for (std::size_t i = 0; i < weight.size(); ++i) {
    weight.mutable_as<float>()[i] = static_cast<float>(i / 32) - 1;  // -1 to 30 down each column
  }
  *model.mutable_proto().mutable_graph()->mutable_initializer(0) = tensor_to_proto(weight, "w");
  const Graph graph(model.proto().graph());
  const auto params_of = [&](DType dtype) {
    const Recipe recipe = weight_only(dtype);
    const Profile profile = load_profile("onnxruntime-x86");
    return plan_weights(graph, select_weights(graph, profile, recipe), recipe)
        .weights.front()
        .params;
  };
  const QuantParams symmetric = params_of(DType::kInt4);
  EXPECT_EQ(symmetric.scale, std::vector<float>(32, 30.0F / 7));
  EXPECT_EQ(symmetric.zero_point, std::vector<std::int32_t>(32, 0));
  EXPECT_EQ(symmetric.block_size, 32);
  const QuantParams asymmetric = params_of(DType::kUint4);
  EXPECT_EQ(asymmetric.scale, std::vector<float>(32, 31.0F / 15));
  EXPECT_EQ(asymmetric.zero_point, std::vector<std::int32_t>(32, 0));
}

TEST(SelectWeights, AProfileWithoutASizeForBlocksIsRefused) {
  const Model model = testing::parse_graph(kRefusals);
  const Graph graph(model.proto().graph());
  Profile profile = load_profile("onnxruntime-x86");
  profile.modes.at(Mode::kWeightOnly).block_size.erase(DType::kInt4);
  EXPECT_OCTAVO_ERROR(select_weights(graph, profile, weight_only(DType::kInt4)),
                      ErrorCode::kInvalidFile, "matmul_nbits needs", "block_size.int4");
}

// The kernels of an LSTM take symmetric codes only, whatever is asked for.
TEST(SelectWeights, AFormCanInsistOnSymmetricCodes) {
  Recipe recipe;
  recipe.mode = Mode::kDynamic;
  recipe.weight_symmetry = Symmetry::kAsymmetric;
  const WeightSelection selection = selected(R"(
    opset 14
    input x: float32[5,N,16]
    const w: float32[1,64,16] = random(1)
    const r: float32[1,64,16] = random(2)
    const v: float32[16,64] = random(3)
    h = LSTM(x, w, r) {hidden_size=16} "lstm"
    y = MatMul(x, v) "product"
    output h: float32[5,1,N,16]
    output y: float32[5,N,64]
  )",
                                             recipe);
  ASSERT_EQ(selection.weights.size(), 3u);
  EXPECT_EQ(selection.weights[0].scheme.symmetry, Symmetry::kSymmetric);
  EXPECT_EQ(selection.weights[1].scheme.symmetry, Symmetry::kSymmetric);
  EXPECT_EQ(selection.weights[2].scheme.symmetry, Symmetry::kAsymmetric);
}

TEST(PlanWeights, DynamicWeightsKeepTheBitsThatSaturatingKernelsNeed) {
  Recipe recipe;
  recipe.mode = Mode::kDynamic;
  constexpr std::string_view kText = R"(
    opset 13
    input x: float32[N,40]
    const w: float32[40,40] = random(1)
    y = MatMul(x, w) "product"
    output y: float32[N,40]
  )";
  const auto codes = [&](const Recipe& wanted) {
    return code_range(selected(kText, wanted, "onnxruntime-x86-avx2").weights.front().scheme);
  };
  EXPECT_EQ(codes(recipe), (CodeRange{-63, 63}));
  EXPECT_EQ(codes(weight_only()), (CodeRange{-127, 127}));
}

// No type has 3 bits: they are 4-bit codes of which half stay unused.
TEST(SelectWeights, ARuleCanAskForFewerBits) {
  const auto with_bits = [&](DType dtype, const char* rule) {
    Recipe recipe = weight_only(dtype);
    recipe.rules.push_back(parse_rule(rule));
    return selected(kProductAndEmbedding, recipe);
  };
  const WeightSelection narrowed = with_bits(DType::kInt4, "all: weight-bits=3");
  ASSERT_EQ(narrowed.weights.size(), 2U);
  EXPECT_EQ(code_range(narrowed.weights[0].scheme), (CodeRange{-4, 3}));
  EXPECT_EQ(testing::reason_of(narrowed.nodes, "product"),
            "quantized: int4 weights of 3 bits, in blocks of 32, as matmul_nbits");
  EXPECT_EQ(code_range(narrowed.weights[1].scheme), (CodeRange{-127, 127}))
      << "int8 stands in for int4";
  EXPECT_EQ(code_range(with_bits(DType::kUint4, "op=MatMul: weight-bits=3").weights[0].scheme),
            (CodeRange{0, 7}));
  EXPECT_OCTAVO_ERROR(with_bits(DType::kInt4, "op=MatMul: weight-bits=5"),
                      ErrorCode::kInvalidArgument, "5 bits: int4 has 4");
}

TEST(PlanWeights, TheJsonHoldsEveryNumber) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[N,40]
    const w: float32[40,40] = random(1)
    y = MatMul(x, w) "product"
    output y: float32[N,40]
  )");
  const Graph graph(model.proto().graph());
  const Recipe recipe = weight_only(DType::kInt4);
  const auto json = nlohmann::json::parse(to_json(
      plan_weights(graph, select_weights(graph, load_profile("onnxruntime-x86"), recipe), recipe)));
  EXPECT_EQ(json["mode"], "weight-only");
  EXPECT_EQ(json["nodes"][0]["decision"], "quantized");
  EXPECT_EQ(json["weights"][0]["tensor"], "w");
  EXPECT_EQ(json["weights"][0]["form"], "matmul_nbits");
  EXPECT_EQ(json["weights"][0]["block_size"], 32);
  EXPECT_EQ(json["weights"][0]["scale"].size(), 80u);
}

}  // namespace
}  // namespace octavo
