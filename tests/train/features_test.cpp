#include "train/features.h"

#include <gtest/gtest.h>

#include "support/error_matchers.h"
#include "support/graph_text.h"

namespace octavo {
namespace {

constexpr std::string_view kResidual = R"(
  opset 13
  input x: float32[2,3]
  const w: float32[3,3] = random(1)
  const b: float32[3] = random(2)
  a = MatMul(x, w) "product"
  c = Add(a, b) "bias"
  s = Add(c, x) "residual"
  y = Relu(s) "relu"
  output y: float32[2,3]
)";

// The same nodes under other names of tensors, and without the Relu.
constexpr std::string_view kQuantized = R"(
  opset 13
  input x: float32[2,3]
  const w: float32[3,3] = random(1)
  const b: float32[3] = random(2)
  a = MatMul(x, w) "product"
  c = Add(a, b) "bias"
  y = Add(c, x) "residual"
  output y: float32[2,3]
)";

TEST(FindFeatures, AreTheResidualAddsUnderBothNames) {
  const auto found =
      find_features(testing::parse_graph(kResidual), testing::parse_graph(kQuantized), "");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].float_tensor, "s");
  EXPECT_EQ(found[0].quantized_tensor, "y");
}

TEST(FindFeatures, AreThoseThatAreNamed) {
  const auto found =
      find_features(testing::parse_graph(kResidual), testing::parse_graph(kQuantized), "c,a");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].quantized_tensor, "c");
  EXPECT_EQ(found[1].quantized_tensor, "a");
}

TEST(FindFeatures, RefusesWhatOneOfTheGraphsDoesNotMake) {
  const Model model = testing::parse_graph(kResidual);
  const Model quantized = testing::parse_graph(kQuantized);
  EXPECT_OCTAVO_ERROR(find_features(model, quantized, "nothing"), ErrorCode::kNotFound,
                      "'nothing'");
  EXPECT_OCTAVO_ERROR(find_features(model, quantized, "y"), ErrorCode::kNotFound, "'y'");
}

TEST(FindFeatures, AsksForNamesWhereThereIsNoResidualAdd) {
  const Model model = testing::parse_graph(R"(
    opset 13
    input x: float32[2,3]
    y = Relu(x) "relu"
    output y: float32[2,3]
  )");
  EXPECT_OCTAVO_ERROR(find_features(model, model, ""), ErrorCode::kInvalidArgument,
                      "no residual Add", "--features");
}

}  // namespace
}  // namespace octavo
