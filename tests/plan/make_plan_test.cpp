#include <gtest/gtest.h>

#include "plan/apply_recipe.h"
#include "plan/plan.h"
#include "support/error_matchers.h"
#include "support/graph_text.h"
#include "support/planned.h"

namespace octavo {
namespace {

Recipe min_max() {
  Recipe recipe;
  recipe.activation_calibrator = {"min-max", {}};
  return recipe;
}

Plan planned(std::string_view text, const std::vector<float>& values,
             const Recipe& recipe = min_max()) {
  return testing::make_planned(testing::parse_graph(text), values, recipe).plan;
}

constexpr std::string_view kConv = R"(
  opset 13
  input x: float32[N,1,2,2]
  const w: float32[2,1,1,1] = 1.27 -2.54
  const b: float32[2] = 0.5 -1
  y = Conv(x, w, b) "conv"
  output y: float32[N,2,2,2]
)";

TEST(MakePlan, ChoosesEveryNumberByTheContract) {
  const Plan plan = planned(kConv, {-1, 1.55F});
  ASSERT_EQ(plan.activations.size(), 2u);
  EXPECT_FLOAT_EQ(plan.activations[0].params.scale[0], 0.01F);
  EXPECT_EQ(plan.activations[0].params.zero_point[0], 100);
  EXPECT_EQ(plan.activations[0].calibrator.name, "min-max");
  ASSERT_EQ(plan.constants.size(), 1u);
  EXPECT_EQ(plan.constants[0].params.axis, 0);
  EXPECT_FLOAT_EQ(plan.constants[0].params.scale[0], 0.01F);
  EXPECT_FLOAT_EQ(plan.constants[0].params.scale[1], 0.02F);
  EXPECT_EQ(plan.constants[0].params.zero_point, (std::vector<std::int32_t>{0, 0}));
  ASSERT_EQ(plan.biases.size(), 1u);
  EXPECT_FLOAT_EQ(plan.biases[0].params.scale[0], 0.0001F);
  EXPECT_FLOAT_EQ(plan.biases[0].params.scale[1], 0.0002F);
  EXPECT_EQ(plan.biases[0].widened_by, 1);
}

TEST(MakePlan, TheRecipeOverridesTheProfile) {
  Recipe recipe = min_max();
  recipe.weight_granularity = Granularity::kPerTensor;
  recipe.activation_dtype = DType::kInt8;
  recipe.activation_symmetry = Symmetry::kSymmetric;
  const Plan plan = planned(kConv, {-1, 1.27F}, recipe);
  EXPECT_EQ(plan.activations[0].params.scheme.dtype, DType::kInt8);
  EXPECT_EQ(plan.activations[0].params.zero_point[0], 0);
  EXPECT_EQ(plan.constants[0].params.scale.size(), 1u);
  EXPECT_FLOAT_EQ(plan.constants[0].params.scale[0], 0.02F);
}

TEST(MakePlan, AChannelWithoutWeightsTakesTheWidestScale) {
  const Plan plan = planned(R"(
    opset 13
    input x: float32[N,1,2,2]
    const w: float32[2,1,1,1] = 0 -2.54
    const b: float32[2] = 0.5 -1
    y = Conv(x, w, b) "conv"
    output y: float32[N,2,2,2]
  )",
                            {0, 1});
  EXPECT_FLOAT_EQ(plan.constants[0].params.scale[0], 0.02F);
}

TEST(MakePlan, AnOverflowingBiasWidensItsWeight) {
  const Plan plan = planned(R"(
    opset 13
    input x: float32[N,1,2,2]
    const w: float32[2,1,1,1] = 1.0e-12 -2.54
    const b: float32[2] = 100 -1
    y = Conv(x, w, b) "conv"
    output y: float32[N,2,2,2]
  )",
                            {0, 1});
  EXPECT_GT(plan.biases[0].widened_by, 1);
  EXPECT_LT(100 / plan.biases[0].params.scale[0], 2147483647.0F);
  EXPECT_FLOAT_EQ(plan.constants[0].params.scale[1], 0.02F);
}

constexpr std::string_view kConcat = R"(
  opset 13
  input x: float32[N,1,2,2]
  const w: float32[1,1,1,1] = 1
  const v: float32[1,2,1,1] = 1 1
  a = Conv(x, w) "boxes"
  b = Conv(x, w) "scores"
  j = Concat(a, b) {axis=1} "concat"
  y = Conv(j, v) "head"
  output y: float32[N,1,2,2]
)";

// The scales of a, b and j where b's values are `ratio` times a's.
std::vector<float> concat_scales(float ratio) {
  const Model model = testing::parse_graph(kConcat);
  const Graph graph(model.proto().graph());
  const Profile profile = load_profile("onnxruntime-x86");
  const Placement placement = place(graph, profile, {});
  Statistics statistics;
  for (const std::string& tensor : placement.observed_tensors()) {
    const float top = tensor == "a" ? 1.0F : ratio;
    statistics.tensors()[tensor].observe(0, std::vector<float>{0, top});
  }
  const Plan plan = make_plan(graph, placement, statistics, profile, min_max());
  std::vector<float> scales;
  for (const PlannedActivation& activation : plan.activations) {
    if (activation.tensor != "x" && activation.tensor != "y") {
      scales.push_back(activation.params.scale[0]);
    }
  }
  return scales;
}

TEST(MakePlan, ConcatSharesAScaleOnlyWhereMagnitudesAreAlike) {
  const std::vector<float> alike = concat_scales(1.25F);
  EXPECT_EQ(alike[0], alike[1]);
  EXPECT_EQ(alike[1], alike[2]);
  const std::vector<float> different = concat_scales(100);
  EXPECT_FLOAT_EQ(different[0], 1.0F / 255);
  EXPECT_FLOAT_EQ(different[1], 100.0F / 255);
}

TEST(MakePlan, JsonHoldsEveryDecision) {
  const std::string json = to_json(planned(kConv, {0, 1}));
  for (const char* part : {"\"name\": \"conv\"", "\"decision\": \"quantized\"", "\"tensor\": \"y\"",
                           "\"dtype\": \"uint8\"", "\"calibrator\": \"min-max\"", "\"int32\""}) {
    EXPECT_NE(json.find(part), std::string::npos) << part;
  }
}

TEST(Recipe, TypesThatTheTargetLacksAreErrors) {
  Recipe recipe;
  recipe.activation_dtype = DType::kUint4;
  EXPECT_OCTAVO_ERROR(apply_recipe(load_profile("onnxruntime-x86"), recipe),
                      ErrorCode::kUnsupported, "'onnxruntime-x86'", "uint4 activations",
                      "uint8, int8, uint16, int16");
  recipe.activation_dtype.reset();
  recipe.weight_dtype = DType::kUint8;
  EXPECT_OCTAVO_ERROR(apply_recipe(load_profile("tensorrt"), recipe), ErrorCode::kUnsupported,
                      "uint8 weights", "one of: int8, float8e4m3");
}

TEST(Recipe, SixteenBitsRaiseTheOpset) {
  Recipe recipe;
  EXPECT_EQ(apply_recipe(load_profile("onnxruntime-x86"), recipe).opset, 13);
  recipe.activation_dtype = DType::kUint16;
  EXPECT_EQ(apply_recipe(load_profile("onnxruntime-x86"), recipe).opset, 21);
}

TEST(Recipe, CodesOfFloatsAreForBothOperands) {
  Recipe recipe;
  recipe.activation_dtype = DType::kFloat8E4m3;
  EXPECT_OCTAVO_ERROR(apply_recipe(load_profile("tensorrt"), recipe), ErrorCode::kUnsupported,
                      "activations of type float8e4m3 beside weights of type int8");
  recipe.weight_dtype = DType::kFloat8E4m3;
  EXPECT_EQ(apply_recipe(load_profile("tensorrt"), recipe).opset, 19);
  recipe.activation_symmetry = Symmetry::kAsymmetric;
  EXPECT_OCTAVO_ERROR(apply_recipe(load_profile("tensorrt"), recipe), ErrorCode::kInvalidArgument,
                      "float8e4m3", "no zero point");
  recipe = {};
  recipe.rules = {parse_rule("op=Conv: weight-type=float8e4m3")};
  EXPECT_OCTAVO_ERROR(apply_recipe(load_profile("tensorrt"), recipe), ErrorCode::kUnsupported,
                      "rule 'op=Conv: weight-type=float8e4m3'", "activations of type int8");
}

TEST(Recipe, ExclusionsThatMatchNothingAreErrors) {
  Recipe recipe = min_max();
  recipe.exclude_nodes = {"conv[0-9]+"};
  EXPECT_OCTAVO_ERROR(planned(kConv, {0, 1}, recipe), ErrorCode::kInvalidArgument, "'conv[0-9]+'",
                      "no node");
  recipe.exclude_nodes = {"conv("};
  EXPECT_OCTAVO_ERROR(planned(kConv, {0, 1}, recipe), ErrorCode::kInvalidArgument,
                      "not a regular expression");
  recipe.exclude_nodes = {};
  recipe.exclude_op_types = {"Gemm"};
  EXPECT_OCTAVO_ERROR(planned(kConv, {0, 1}, recipe), ErrorCode::kInvalidArgument, "type 'Gemm'");
}

TEST(Recipe, ExclusionsKeepNodesFloat) {
  Recipe recipe = min_max();
  recipe.exclude_nodes = {"co.*"};
  const Plan plan = planned(kConv, {0, 1}, recipe);
  EXPECT_EQ(plan.nodes[0].decision, Decision::kFloat);
  EXPECT_EQ(plan.nodes[0].reason, "excluded by 'co.*'");
  EXPECT_TRUE(plan.activations.empty());
}

}  // namespace
}  // namespace octavo
