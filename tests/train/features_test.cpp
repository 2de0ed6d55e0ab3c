#include "train/features.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

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

// Each as "tensor of the float graph > tensor of the quantized one".
std::vector<std::string> features(const std::string& names) {
  std::vector<std::string> found;
  for (const auto& feature :
       find_features(testing::parse_graph(kResidual), testing::parse_graph(kQuantized), names)) {
    found.push_back(feature.float_tensor + " > " + feature.quantized_tensor);
  }
  return found;
}

TEST(FindFeatures, AreTheResidualAddsUnderBothNamesOrThoseThatAreNamed) {
  EXPECT_EQ(features(""), std::vector<std::string>{"s > y"});
  EXPECT_EQ(features("c,a"), (std::vector<std::string>{"c > c", "a > a"}));
}

TEST(FindFeatures, RefusesWhatOneOfTheGraphsDoesNotMake) {
  EXPECT_OCTAVO_ERROR(features("nothing"), ErrorCode::kNotFound, "'nothing'");
  EXPECT_OCTAVO_ERROR(features("y"), ErrorCode::kNotFound, "'y'");
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
